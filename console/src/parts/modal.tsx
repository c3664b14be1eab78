import { type ReactNode, useId, useLayoutEffect, useRef } from "react";

interface Props {
  title: string;
  onClose?: (() => void) | undefined;
  /** The heading has the focus at first, and not the first button: a key that is pressed too often is no answer. */
  isCalm?: boolean;
  children: ReactNode;
}

/** A dialog over everything else; the browser keeps the focus inside and gives it back at the end. */
export function Modal(props: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { isCalm } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    if (isCalm) heading.current?.focus();
    return () => shown?.close();
  }, [isCalm]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={title}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose?.();
      }}
      // browsers close it all the same when asked twice; where there is no way out it stays
      onClose={() => (props.onClose ? props.onClose() : dialog.current?.showModal())}
      className="panel m-auto [overflow-wrap:anywhere] w-[min(38rem,calc(100vw-2rem))] p-5 text-ink shadow-xl"
    >
      <h2 ref={heading} id={title} tabIndex={isCalm ? -1 : undefined} className="mb-2 outline-none text-lg font-semibold">
        {props.title}
      </h2>
      {props.children}
    </dialog>
  );
}

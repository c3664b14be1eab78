import { type ReactNode, useEffect, useId, useRef } from "react";

/** A dialog over everything else; the browser keeps the focus inside and gives it back at the end. */
export function Modal(props: { title: string; onClose?: () => void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
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
      <h2 id={title} className="mb-2 text-lg font-semibold">
        {props.title}
      </h2>
      {props.children}
    </dialog>
  );
}

import { type ReactNode, useId, useLayoutEffect, useRef } from "react";

interface Props {
  title: string;
  items?: number;
  /** Where what can be done here depends on how far one is: a name for that. */
  stage?: string;
  children: ReactNode;
}

/** A part of a page. Where one of its `items` goes, or its `stage` is another, a focus that went with it comes to the heading. */
export function Section({ title, items = 0, stage = "", children }: Props) {
  const heading = useId();
  const shown = useRef<HTMLHeadingElement>(null);
  const before = useRef({ items, stage });
  useLayoutEffect(() => {
    const isNowhere = document.activeElement === null || document.activeElement === document.body;
    const isOther = items < before.current.items || stage !== before.current.stage;
    if (isOther && isNowhere) shown.current?.focus();
    before.current = { items, stage };
  }, [items, stage]);
  return (
    <section aria-labelledby={heading} className="panel min-w-0 p-4">
      <h2 ref={shown} id={heading} tabIndex={-1} className="mb-2 font-semibold outline-none">
        {title}
      </h2>
      {children}
    </section>
  );
}

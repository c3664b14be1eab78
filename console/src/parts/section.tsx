import { type ReactNode, useId, useLayoutEffect, useRef } from "react";

/** A part of a page. Where it lists `items` and one of them goes, a focus that went with it comes to the heading. */
export function Section({ title, items = 0, children }: { title: string; items?: number; children: ReactNode }) {
  const heading = useId();
  const shown = useRef<HTMLHeadingElement>(null);
  const before = useRef(items);
  useLayoutEffect(() => {
    const isNowhere = document.activeElement === null || document.activeElement === document.body;
    if (items < before.current && isNowhere) shown.current?.focus();
    before.current = items;
  }, [items]);
  return (
    <section aria-labelledby={heading} className="panel min-w-0 p-4">
      <h2 ref={shown} id={heading} tabIndex={-1} className="mb-2 font-semibold outline-none">
        {title}
      </h2>
      {children}
    </section>
  );
}

import { type ReactNode, useLayoutEffect, useRef } from "react";

let isFirst = true;

/** The heading of a page; a page that is come to takes the focus there, as a page that is loaded would. */
export function Title({ children }: { children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (!isFirst) heading.current?.focus();
    isFirst = false;
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1} className="min-w-0 text-xl font-semibold tracking-tight [overflow-wrap:anywhere]">
      {children}
    </h1>
  );
}

import { type ReactNode, useEffect, useLayoutEffect, useRef } from "react";
import { useLocale } from "../texts/locale";

let isFirst = true;

/**
 * The heading of a page; a page that is come to takes the focus there, as a page that is loaded would. `plain` stands in
 * its place in the title of the window, which browsers keep in their history: no name of a customer belongs there.
 */
export function Title({ children, plain }: { children: ReactNode; plain?: string }) {
  const { t } = useLocale();
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (!isFirst) heading.current?.focus();
    isFirst = false;
  }, []);
  useEffect(() => {
    document.title = `${plain ?? heading.current?.textContent} – ${t.name}`;
  });
  return (
    <h1 ref={heading} tabIndex={-1} className="min-w-0 text-xl font-semibold tracking-tight [overflow-wrap:anywhere]">
      {children}
    </h1>
  );
}

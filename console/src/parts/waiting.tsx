import { useLayoutEffect, useRef } from "react";
import { useLocale } from "../texts/locale";
import { Button } from "./button";

/** Says that a change waits for its turn, and how long; readers of the screen hear it once, and not each second. */
export function Waiting({ wait, onStop }: { wait: number; onStop: () => void }) {
  const { t } = useLocale();
  return (
    // always there, so that readers of the screen hear what appears in it, and without room of its own until then
    <div className={wait > 0 ? "flex flex-wrap items-center gap-x-4" : "sr-only"}>
      <p role="status" className="text-sm text-warn">
        {wait > 0 && (
          <>
            {t.wait.why} <span aria-hidden="true">{t.wait.left(wait)}</span>
          </>
        )}
      </p>
      {wait > 0 && <Stop onStop={onStop} />}
    </div>
  );
}

/** A focus that is on it when the wait is over goes to the field that the wait was about, or to the heading. */
function Stop({ onStop }: { onStop: () => void }) {
  const { t } = useLocale();
  const own = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const button = own.current;
    return () => {
      if (button === document.activeElement) nearest(button)?.focus();
    };
  }, []);
  return (
    <Button ref={own} look="quiet" className="-ml-3" onClick={onStop}>
      {t.wait.stop}
    </Button>
  );
}

function nearest(button: HTMLElement | null): HTMLElement | null | undefined {
  const field = button?.closest("form, dd")?.querySelector<HTMLElement>("input, textarea, select");
  return field ?? button?.closest("section")?.querySelector<HTMLElement>("h2");
}

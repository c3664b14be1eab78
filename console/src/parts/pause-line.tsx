import { useEffect, useState, useSyncExternalStore } from "react";
import { countDown } from "../api/patiently";
import { pauses } from "../api/pauses";
import { useLocale } from "../texts/locale";

/** Says that what the page reads must wait for a while; readers of the screen hear it once. */
export function PauseLine() {
  const { t } = useLocale();
  const left = useSecondsLeft();
  return (
    <p role="status" className={left > 0 ? "panel mb-3 px-3 py-2 text-warn" : ""}>
      {left > 0 && (
        <>
          {t.wait.all} <span aria-hidden="true">{t.wait.left(left)}</span>
        </>
      )}
    </p>
  );
}

function useSecondsLeft(): number {
  const end = useSyncExternalStore(pauses.subscribe, () => pauses.endOfReads);
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const stopper = new AbortController();
    const seconds = Math.ceil((end - Date.now()) / 1000);
    countDown(seconds, stopper.signal, setLeft).catch(() => undefined);
    return () => stopper.abort();
  }, [end]);
  return left;
}

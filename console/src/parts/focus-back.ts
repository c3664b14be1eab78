import { type RefObject, useLayoutEffect, useRef } from "react";

/** Gives the focus to `place` once it need not be away any longer, unless a person has moved it elsewhere meanwhile. */
export function useFocusBack(isAway: boolean, place: RefObject<HTMLElement | null>): void {
  const wasAway = useRef(isAway);
  useLayoutEffect(() => {
    const isNowhere = document.activeElement === null || document.activeElement === document.body;
    if (wasAway.current && !isAway && isNowhere) place.current?.focus();
    wasAway.current = isAway;
  }, [isAway, place]);
}

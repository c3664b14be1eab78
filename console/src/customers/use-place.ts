import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { keepTop, keptTop, onLeave } from "../router";

/** Where the list of an address was scrolled to, for the way back from a customer. */
const places = new Map<string, number>();

export function placeOf(place: string): number {
  return places.get(place) ?? keptTop() ?? 0;
}

/**
 * Keeps where the list of `place` is scrolled to, and comes back to it: at once where its rows are known, else further with
 * each page that is read. Whoever scrolls meanwhile is left alone.
 */
export function usePlace(scroller: RefObject<HTMLElement | null>, place: string, isWhole: boolean) {
  const goal = useRef<number | null>(null);
  useLayoutEffect(() => {
    goal.current = placeOf(place);
  }, [place]);
  useLayoutEffect(() => {
    if (scroller.current && goal.current !== null && (reach(scroller.current, goal.current) || isWhole)) goal.current = null;
  });
  useEffect(() => onLeave(() => keepTop(goal.current ?? scroller.current?.scrollTop ?? 0)), [scroller]);
  const giveUp = () => {
    goal.current = null;
  };
  return {
    onScroll: (event: { currentTarget: HTMLElement }) => {
      if (goal.current === null) places.set(place, event.currentTarget.scrollTop);
    },
    onWheel: giveUp,
    onTouchMove: giveUp,
    onPointerDown: giveUp,
    onKeyDownCapture: giveUp,
  };
}

function reach(scroller: HTMLElement, top: number): boolean {
  scroller.scrollTop = top;
  return Math.abs(scroller.scrollTop - top) < 1;
}

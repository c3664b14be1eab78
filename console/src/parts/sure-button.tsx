import { type MouseEvent, useState } from "react";
import { Button } from "./button";

interface Props {
  text: string;
  /** What it says once it was pressed, as the question. */
  question: string;
  isBusy: boolean;
  onSure: () => void;
  className?: string;
}

/** A button for what cannot be undone: the first press asks, the second one answers, and going elsewhere takes it back. */
export function SureButton({ text, question, isBusy, onSure, className = "" }: Props) {
  const [isAsking, setAsking] = useState(false);
  // the second click of a double one, or of a key held down, is no answer to the question
  const press = (event: MouseEvent) => (isAsking ? event.detail < 2 && !isBusy && onSure() : setAsking(true));
  return (
    <Button
      look="quiet"
      className={`${className} ${isAsking ? "text-danger!" : ""}`}
      aria-disabled={isBusy}
      onBlur={() => setAsking(false)}
      onKeyDown={(event) => event.repeat && event.preventDefault()}
      onClick={press}
    >
      {isAsking ? question : text}
    </Button>
  );
}

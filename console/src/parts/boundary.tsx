import { Component, type ReactNode } from "react";
import { useLocale } from "../texts/locale";
import { Button } from "./button";

interface Props {
  children: ReactNode;
  /** What is shown instead of the page, where there are no texts in a language yet. */
  fallback?: ReactNode;
}

/** A fault of the console itself leaves a page that says so, and not an empty one. */
export class Boundary extends Component<Props, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override render() {
    return this.state.isBroken ? (this.props.fallback ?? <Broken />) : this.props.children;
  }
}

function Broken() {
  const { t } = useLocale();
  return (
    <div role="alert" className="grid justify-items-start gap-3">
      <p className="text-lg font-semibold">{t.shell.broken}</p>
      <Button look="main" onClick={() => location.reload()}>
        {t.shell.reload}
      </Button>
    </div>
  );
}

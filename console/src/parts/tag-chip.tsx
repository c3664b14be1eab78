import { useLocale } from "../texts/locale";

interface Props {
  tag: string;
  onRemove?: (() => void) | undefined;
  /** It cannot be removed just now; the focus may stay on it. */
  isOff?: boolean;
}

export function TagChip(props: Props) {
  const { t } = useLocale();
  return (
    <span className="inline-flex max-w-full items-center gap-1 rounded-full border border-line bg-sunken px-2 py-px text-sm">
      <span title={props.tag} className="truncate">
        {props.tag}
      </span>
      {props.onRemove && (
        <button
          type="button"
          aria-label={t.list.removeTag(props.tag)}
          aria-disabled={props.isOff ?? false}
          onClick={() => !props.isOff && props.onRemove?.()}
          className="-mr-1 inline-flex size-6 items-center justify-center rounded-full text-muted hover:text-danger"
        >
          <span aria-hidden="true">×</span>
        </button>
      )}
    </span>
  );
}

import { Button } from "../parts/button";
import { TagInput } from "../parts/tag-input";
import { useLocale } from "../texts/locale";
import { useListWork } from "./list-work";
import type { Selection } from "./use-selection";

/** What can be done with the selected customers: a tag for all of them. */
export function SelectionBar({ selection }: { selection: Selection }) {
  const { t } = useLocale();
  const { tagging } = useListWork();
  const { work, start } = tagging;
  const isBusy = work !== null && !work.isDone;
  if (selection.ids.size === 0) return null;
  return (
    <div className="panel flex flex-wrap items-center gap-x-4 gap-y-2 px-3 py-2">
      <strong>{t.tagging.selected(selection.ids.size)}</strong>
      {selection.elsewhere > 0 && <span className="text-warn">{t.tagging.elsewhere(selection.elsewhere)}</span>}
      <TagInput label={t.tagging.tag} button={t.tagging.attach} isBusy={isBusy} onAdd={(tag) => void start([...selection.ids], tag)} />
      <Button look="quiet" className="-ml-3" onClick={selection.clear}>
        {t.tagging.clear}
      </Button>
    </div>
  );
}

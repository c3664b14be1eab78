import { useState } from "react";
import { Button } from "../parts/button";
import { Modal } from "../parts/modal";
import { TagInput } from "../parts/tag-input";
import { useLocale } from "../texts/locale";
import { useListWork } from "./list-work";
import type { Selection } from "./use-selection";

/**
 * What can be done with the selected customers: a tag attached to all of them or taken off. Its room is always there, so
 * that with the first tick no row moves from under the pointer.
 */
export function SelectionBar({ selection, isStale }: { selection: Selection; isStale: boolean }) {
  const { t } = useLocale();
  const { tagging } = useListWork();
  const [removed, setRemoved] = useState<string | null>(null);
  const { work, start } = tagging;
  const ids = [...selection.ids];
  const isBusy = isStale || (work !== null && !work.isDone);
  const isIdle = ids.length === 0;
  function ask(tag: string) {
    setRemoved(tag);
    return false;
  }
  return (
    <div className="panel relative px-3 py-1.5">
      {isIdle && <p className="absolute inset-0 flex items-center px-3 text-muted">{t.tagging.nobody}</p>}
      <div className={`flex flex-wrap items-center gap-x-4 gap-y-1 ${isIdle ? "invisible" : ""}`}>
        <div className="flex min-w-0 items-center gap-x-4 max-sm:w-full max-sm:justify-between">
          <strong className="truncate">{t.tagging.selected(ids.length)}</strong>
          <Button look="quiet" className="-mx-3" onClick={selection.clear}>
            {t.tagging.clear}
          </Button>
        </div>
        <TagInput
          label={t.tagging.tag}
          button={t.tagging.attach}
          isBusy={isBusy}
          onAdd={(tag) => void start(ids, { tag, isRemoval: false })}
          other={{ button: t.tagging.remove, onAdd: ask }}
        />
        {selection.elsewhere > 0 && <span className="text-warn">{t.tagging.elsewhere(selection.elsewhere)}</span>}
      </div>
      {removed !== null && (
        <RemovalDialog
          tag={removed}
          count={ids.length}
          onClose={() => setRemoved(null)}
          onSure={() => {
            setRemoved(null);
            void start(ids, { tag: removed, isRemoval: true });
          }}
        />
      )}
    </div>
  );
}

/** Asked for, since nothing tells afterwards who had carried the tag. */
function RemovalDialog(props: { tag: string; count: number; onClose: () => void; onSure: () => void }) {
  const { t } = useLocale();
  return (
    <Modal title={t.tagging.removeTitle(props.tag, props.count)} onClose={props.onClose}>
      <p className="mb-4">{t.tagging.removeText}</p>
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={props.onClose}>{t.common.cancel}</Button>
        <Button look="danger" onClick={props.onSure}>
          {t.tagging.remove}
        </Button>
      </div>
    </Modal>
  );
}

import { useState } from "react";
import { Button } from "../parts/button";
import { Modal } from "../parts/modal";
import { TagInput } from "../parts/tag-input";
import { useLocale } from "../texts/locale";
import { useListWork } from "./list-work";
import type { Selection } from "./use-selection";

interface Removal {
  tag: string;
  decide: (isSure: boolean) => void;
}

/**
 * What can be done with the selected customers: a tag attached to all of them or taken off. Its room is always there, so
 * that with the first tick no row moves from under the pointer.
 */
export function SelectionBar({ selection, isStale }: { selection: Selection; isStale: boolean }) {
  const { t } = useLocale();
  const { tagging } = useListWork();
  const [removal, setRemoval] = useState<Removal | null>(null);
  const { work, start } = tagging;
  const ids = [...selection.ids];
  const isBusy = isStale || (work !== null && !work.isDone);
  const isIdle = ids.length === 0;
  /** Whether it was begun, once the person has decided. */
  const ask = (tag: string) => new Promise<boolean>((decide) => setRemoval({ tag, decide }));
  function decide(isSure: boolean) {
    setRemoval(null);
    removal?.decide(isSure);
    if (removal && isSure) void start(ids, { tag: removal.tag, isRemoval: true });
  }
  return (
    <div className="panel relative px-3 py-1.5">
      {isIdle && <p className="absolute inset-0 flex items-center px-3 text-muted">{t.tagging.nobody}</p>}
      <div className={`flex flex-wrap items-center gap-x-4 gap-y-1 ${isIdle ? "invisible" : ""}`}>
        <div className="flex min-w-0 items-center gap-x-4 max-sm:w-full max-sm:justify-between">
          <strong className="truncate" title={t.tagging.selected(ids.length)}>
            {t.tagging.selected(ids.length)}
          </strong>
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
      {removal && <RemovalDialog tag={removal.tag} count={ids.length} onDecide={decide} />}
    </div>
  );
}

/** Asked for, since nothing tells afterwards who had carried the tag. */
function RemovalDialog(props: { tag: string; count: number; onDecide: (isSure: boolean) => void }) {
  const { t } = useLocale();
  return (
    <Modal title={t.tagging.removeTitle(props.tag, props.count)} onClose={() => props.onDecide(false)}>
      <p className="mb-4">{t.tagging.removeText}</p>
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={() => props.onDecide(false)}>{t.common.cancel}</Button>
        <Button look="danger" onClick={() => props.onDecide(true)}>
          {t.tagging.remove}
        </Button>
      </div>
    </Modal>
  );
}

import { useQueryClient } from "@tanstack/react-query";
import type { Customer } from "../api/types";
import { Button } from "../parts/button";
import { Modal } from "../parts/modal";
import { useLocale } from "../texts/locale";
import { changed } from "./queries";
import type { Field } from "./use-save";

interface Props {
  id: string;
  field: Field;
  mine: string;
  theirs: Customer;
  onMine: () => void;
  onTheirs: () => void;
  /** Neither: back to what was typed. */
  onBack: () => void;
}

/** Somebody saved another version meanwhile: both are shown, and the person says which one stands. */
export function ConflictDialog(props: Props) {
  const { t } = useLocale();
  const client = useQueryClient();
  async function takeTheirs() {
    await changed(client, props.id);
    props.onTheirs();
  }
  return (
    <Modal title={t.profile.conflictTitle} onClose={props.onBack} isCalm>
      <p className="mb-3">{t.profile.conflictText}</p>
      <table className="mb-4 w-full table-fixed text-left [overflow-wrap:anywhere]">
        <thead className="text-sm text-muted">
          <tr>
            <th scope="col">{t.profile.field}</th>
            <th scope="col">{t.profile.yours}</th>
            <th scope="col">{t.profile.theirs}</th>
          </tr>
        </thead>
        <tbody>
          <tr className="align-top">
            <th scope="row" className="font-normal">
              {t.fields[props.field]}
            </th>
            <td className="font-semibold">{props.mine || t.common.none}</td>
            <td className="font-semibold">{props.theirs[props.field] ?? t.common.none}</td>
          </tr>
        </tbody>
      </table>
      <div className="flex flex-wrap justify-end gap-2">
        <Button look="quiet" className="-ml-3 mr-auto" onClick={props.onBack}>
          {t.profile.backToForm}
        </Button>
        <Button onClick={takeTheirs}>{t.profile.takeTheirs}</Button>
        <Button look="main" onClick={props.onMine}>
          {t.profile.keepMine}
        </Button>
      </div>
    </Modal>
  );
}

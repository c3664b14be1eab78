import { expect, it } from "vitest";
import { faultsAt, Problem } from "./problem";

const fault = (pointer: string) => ({ pointer, detail: "bad" });

it("gives each field its own faults, and keeps the others for the top", () => {
  const problem = new Problem(422, "invalid", "", [fault("/phone"), fault("/phone_2"), fault("/tags/3"), fault("")], null, "t");
  expect(faultsAt(problem, "tags").own).toEqual([fault("/tags/3")]);
  const { own, rest } = faultsAt(problem, "phone");
  expect(own).toEqual([fault("/phone")]);
  expect(rest).toMatchObject({ status: 422, slug: "invalid", traceId: "t", faults: [fault("/phone_2"), fault("/tags/3"), fault("")] });
});

it("leaves nothing for the top where the field tells all of it", () => {
  expect(faultsAt(new Problem(422, "invalid", "", [fault("/phone")]), "phone").rest).toBe(null);
  expect(faultsAt(null, "phone")).toEqual({ own: [], rest: null });
  const away = new Problem(503, "unavailable", "");
  expect(faultsAt(away, "phone").rest).toBe(away);
});

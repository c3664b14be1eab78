import type { paths } from "./schema";

type Answer<Path extends keyof paths, Method extends keyof paths[Path]> = paths[Path][Method] extends {
  responses: { 200: { content: { "application/json": infer Body } } };
}
  ? Body
  : never;
type Item<List> = List extends (infer One)[] ? One : never;

export type Customer = Answer<"/v1/customers/{customer_id}", "get">;
export type Note = Item<Answer<"/v1/customers/{customer_id}/notes", "get">>;
export type Tag = Item<Answer<"/v1/customers/tags", "get">>;
export type Order = Item<Answer<"/v1/customers/{customer_id}/orders", "get">>;
export type Stats = Answer<"/v1/customers/{customer_id}/stats", "get">;
export type ChangeEvent = Item<Answer<"/v1/customers/{customer_id}/events", "get">>;
export type Operations = Answer<"/v1/operations", "get">;
export type PrivacyRequest = Answer<"/v1/customers/gdpr/requests/{request_id}", "get">;

export type ListQuery = NonNullable<paths["/v1/customers"]["get"]["parameters"]["query"]>;
export type Sort = NonNullable<ListQuery["sort"]>;
export type Gender = NonNullable<ListQuery["gender"]>;

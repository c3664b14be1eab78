import { access } from "./walks-access.mjs";
import { customer } from "./walks-customer.mjs";
import { list } from "./walks-list.mjs";

/** Every walk by its name, in the order they go: those that read come before those that change. */
export const walks = { ...list, ...customer, ...access };

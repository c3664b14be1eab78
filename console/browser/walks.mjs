import { access } from "./walks-access.mjs";
import { customer } from "./walks-customer.mjs";
import { list } from "./walks-list.mjs";

export const measuring = ["first_page", "scrolls_through_ten_thousand"];
/** Every walk by its name. Several go at once, so each keeps to customers of its own. */
export const walks = { ...list, ...customer, ...access };

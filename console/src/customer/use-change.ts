import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { asProblem } from "../api/problem";
import { useWrite, type Write } from "../api/use-write";
import { type News, tell } from "../parts/news";
import { changed, customerOptions } from "./queries";

export function isGone(error: unknown): boolean {
  return error !== null && error !== undefined && asProblem(error).status === 404;
}

/** One kind of change of a customer. Where something is not there any more, all of it is read anew, and the page tells. */
export function useChange<Input = void>(id: string, send: (input: Input) => Promise<unknown>, onDone: (input: Input) => unknown): Write<Input> {
  const client = useQueryClient();
  async function sendOrLook(input: Input) {
    try {
      await send(input);
    } catch (error) {
      if (isGone(error)) void changed(client, id);
      throw error;
    }
  }
  return useWrite(sendOrLook, onDone);
}

/** One kind of removal: what somebody else has removed before is removed, and said to be. */
export function useRemoval<Input = void>(id: string, send: (input: Input) => Promise<unknown>, news: News): Write<Input> {
  const client = useQueryClient();
  const outcome = useRef<News>(news);
  async function sendIfThere(input: Input) {
    try {
      await send(input);
      outcome.current = news;
    } catch (error) {
      if (!isGone(error)) throw error;
      outcome.current = "goneBefore";
    }
  }
  return useWrite(sendIfThere, async () => {
    await changed(client, id);
    if (!isCustomerGone(client, id)) tell(outcome.current);
  });
}

/** Of a customer that is gone as a whole the page tells by itself. */
function isCustomerGone(client: QueryClient, id: string): boolean {
  return isGone(client.getQueryState(customerOptions(id).queryKey)?.error);
}

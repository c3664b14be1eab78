import { Problem } from "./problem";

/** As long as it moves on it may take its time. */
const STALLED_MS = 30_000;
/** What a browser calls sent may still be on this machine: a line slower than this is not waited for. */
const BYTES_PER_MS_LEAST = 16;
const ANSWER_MS = 20_000;

export interface Upload {
  headers: Record<string, string>;
  form: FormData;
  signal: AbortSignal | undefined;
  /** Told the share that is sent, from 0 to 1. */
  onProgress: ((share: number) => void) | undefined;
}

/** POSTs a form as fetch would, and tells how much of it is sent; given up where nothing moves any more. */
export function upload(path: string, { headers, form, signal, onProgress }: Upload): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const end = (outcome: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
      outcome();
    };
    const cutOff = (error: unknown) => end(() => (reject(error), request.abort()));
    const giveUp = () => cutOff(signal?.reason);
    const allow = (forMs: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => cutOff(new Problem(0, "slow", "")), forMs);
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    request.open("POST", path);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => {
      allow(loaded < total ? STALLED_MS : ANSWER_MS + total / BYTES_PER_MS_LEAST);
      onProgress?.(total ? loaded / total : 0);
    };
    request.onload = () => end(() => resolve(replyOf(request)));
    request.onerror = () => end(() => reject(new Problem(0, "unreachable", "")));
    if (signal?.aborted) return giveUp();
    signal?.addEventListener("abort", giveUp);
    allow(STALLED_MS);
    request.send(form);
  });
}

function replyOf(request: XMLHttpRequest): Response {
  const lines = request.getAllResponseHeaders().trim().split(/[\r\n]+/);
  const headers = lines.filter(Boolean).map((line): [string, string] => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]);
  return new Response(request.status === 204 ? null : request.responseText, { status: request.status, headers });
}

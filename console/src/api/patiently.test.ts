import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { countDown, patiently } from "./patiently";
import { Problem } from "./problem";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const tooMany = (seconds: number | null) => new Problem(429, "rate-limited", "", [], seconds);

it("tries again after each 429, once its time is over", async () => {
  const attempt = vi.fn().mockRejectedValueOnce(tooMany(3)).mockRejectedValueOnce(tooMany(0)).mockRejectedValueOnce(tooMany(null)).mockResolvedValue("done");
  const rested: number[] = [];
  expect(await patiently(attempt, async (seconds) => void rested.push(seconds))).toBe("done");
  expect(rested).toEqual([3, 1, 10]);
});

it("leaves every other failure to whoever asked", async () => {
  const rest = vi.fn();
  await expect(patiently(() => Promise.reject(new Problem(503, "unavailable", "", [], 2)), rest)).rejects.toMatchObject({ status: 503 });
  expect(rest).not.toHaveBeenCalled();
});

it("counts down, and ends at once where it is given up", async () => {
  const told: number[] = [];
  const whole = countDown(2, new AbortController().signal, (left) => told.push(left));
  await vi.advanceTimersByTimeAsync(2000);
  await whole;
  expect(told).toEqual([2, 1, 0]);
  const stopper = new AbortController();
  const given = countDown(60, stopper.signal, () => undefined);
  stopper.abort();
  await expect(given).rejects.toMatchObject({ name: "AbortError" });
  expect(vi.getTimerCount()).toBe(0);
});

it("does not count on where the page has slept", async () => {
  const told: number[] = [];
  const whole = countDown(90, new AbortController().signal, (left) => told.push(left));
  vi.setSystemTime(Date.now() + 75_500); // and its timer is as late
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual([90, 14]);
  await vi.advanceTimersByTimeAsync(13_500);
  await whole;
  expect(told.at(-1)).toBe(0);
});

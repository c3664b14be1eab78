import { expect, it } from "vitest";
import { Problem, secondsOf } from "./problem";
import { delayOf, isTriedAgain } from "./query-client";

const problem = (status: number, retryAfter: number | null = null) => new Problem(status, "x", "", [], retryAfter);

it("waits for as long as it is told, and never less", () => {
  expect([delayOf(0, problem(429, 58)), delayOf(0, problem(429)), delayOf(5, problem(503, 7)), delayOf(1, problem(0))]).toEqual([58_000, 10_000, 7_000, 2_000]);
});

it("tries again by itself after a 429 and what soon passes, and nothing else", () => {
  expect([isTriedAgain(9, problem(429, 600)), isTriedAgain(1, problem(503, 2)), isTriedAgain(1, problem(0))]).toEqual([true, true, true]);
  expect([isTriedAgain(2, problem(503)), isTriedAgain(0, problem(503, 600)), isTriedAgain(0, problem(404)), isTriedAgain(0, new Error())]).toEqual([false, false, false, false]);
});

it("reads both forms of Retry-After", () => {
  expect([secondsOf("58"), secondsOf(null), secondsOf("soon")]).toEqual([58, null, null]);
  expect(Math.abs((secondsOf(new Date(Date.now() + 30_000).toUTCString()) ?? 0) - 30)).toBeLessThan(3);
});

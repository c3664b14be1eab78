import { describe, expect, it } from "vitest";
import { challengeOf } from "./pkce";
import { businessesOf, Session } from "./session";

function storage() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

describe("a session", () => {
  it("lets those who wait go on with the new token", async () => {
    const session = new Session(storage());
    session.signIn("old");
    const waiting = [session.ask("old"), session.ask("old")];
    expect(session.isOver).toBe(true);
    session.signIn("new");
    expect(await Promise.all(waiting)).toEqual(["new", "new"]);
    expect(session.isOver).toBe(false);
  });

  it("gives a token that came meanwhile without asking again", async () => {
    const session = new Session(storage());
    session.signIn("new");
    expect(await session.ask("old")).toBe("new");
    expect(session.isOver).toBe(false);
  });

  it("forgets its token at the end", () => {
    const place = storage();
    const session = new Session(place);
    session.signIn("x");
    session.signOut();
    expect([session.token, place.kept.size]).toEqual([null, 0]);
  });
});

it("reads the businesses of a token, and none out of what is no token", () => {
  const payload = btoa(JSON.stringify({ business_id: ["a", "b"] })).replaceAll("=", "");
  expect(businessesOf(`x.${payload}.y`)).toEqual(["a", "b"]);
  expect(businessesOf("nonsense")).toEqual([]);
});

it("makes the challenge of RFC 7636, appendix B", async () => {
  expect(await challengeOf("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")).toBe("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
});

import { describe, expect, it } from "vitest";
import { challengeOf } from "./pkce";
import { businessesOf, personOf, Session } from "./session";

function storage() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

function tokenOf(sub: string, ...businesses: string[]): string {
  return `x.${btoa(JSON.stringify({ sub, business_id: businesses })).replaceAll("=", "")}.y`;
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

  it("lets nothing go on under another person, or for other businesses", async () => {
    for (const [before, after] of [[tokenOf("ana"), tokenOf("dan")], [tokenOf("ana", "a"), tokenOf("ana", "b")]] as const) {
      const session = new Session(storage());
      const seen: (string | null)[] = [];
      session.onOther = () => seen.push(session.token);
      session.signIn(before);
      const waiting = session.ask(before);
      session.signIn(after);
      await expect(waiting).rejects.toMatchObject({ status: 401 });
      expect([seen, session.token]).toEqual([[before], after]);
    }
  });

  it("knows a person by more than the token", () => {
    expect(personOf(tokenOf("ana", "b", "a"))).toBe(personOf(`${tokenOf("ana", "a", "b")}x`));
  });

  it("lets nobody wait who signs out", async () => {
    const session = new Session(storage());
    const waiting = session.ask(null);
    session.signOut();
    await expect(waiting).rejects.toMatchObject({ slug: "signed-out" });
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

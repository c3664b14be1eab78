import { expect, it } from "vitest";
import { flawOf } from "./picture";

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0];
const WEBP = [..."RIFF\n\r\u0000\u0000WEBP"].map((letter) => letter.charCodeAt(0));
const of = (bytes: number[], size = bytes.length) => new Blob([new Uint8Array(bytes), new Uint8Array(size - bytes.length)]);
const square = (width: number) => async () => ({ width, height: width });
const broken = () => Promise.reject(new DOMException("not decodable", "EncodingError"));

it("takes pictures by what is in them", async () => {
  for (const bytes of [PNG, WEBP, [0xff, 0xd8, 0xff, 0xe0]]) expect(await flawOf(of(bytes), square(10))).toBe(null);
});

it("says why a file is of no use", async () => {
  expect(await flawOf(of([]), square(1))).toBe("wrongKind");
  expect(await flawOf(of([..."GIF89a"].map((letter) => letter.charCodeAt(0))), square(1))).toBe("wrongKind");
  expect(await flawOf(of(PNG, 5 * 1024 * 1024), square(1))).toBe(null);
  expect(await flawOf(of(PNG, 5 * 1024 * 1024 + 1), square(1))).toBe("tooLarge");
  expect(await flawOf(of(PNG), square(6325))).toBe("tooManyPixels");
  expect(await flawOf(of(PNG), broken)).toBe("unreadable");
});

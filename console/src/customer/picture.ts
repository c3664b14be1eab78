/** What the service takes (docs/api.md); it looks for itself, this only spares people the way there. */
export const KINDS = ["image/jpeg", "image/png", "image/webp"];
const BYTES_MOST = 5 * 1024 * 1024;
const PIXELS_MOST = 40_000_000;
const BEGINNINGS = [/^\xff\xd8\xff/, /^\x89PNG\r\n\x1a\n/, /^RIFF[^]{4}WEBP/];
const BEGINNING_BYTES = 12;

export type Flaw = "tooLarge" | "wrongKind" | "tooManyPixels" | "unreadable";

/** Why a file is of no use as an avatar; null where it is. `decode` comes to the picture's size, and throws for none. */
export async function flawOf(file: Blob, decode: (file: Blob) => Promise<Size> = decoded): Promise<Flaw | null> {
  if (file.size > BYTES_MOST) return "tooLarge";
  try {
    const bytes = new Uint8Array(await file.slice(0, BEGINNING_BYTES).arrayBuffer());
    const beginning = String.fromCharCode(...bytes);
    if (!BEGINNINGS.some((one) => one.test(beginning))) return "wrongKind";
    const { width, height } = await decode(file);
    return width * height > PIXELS_MOST ? "tooManyPixels" : null;
  } catch {
    return "unreadable";
  }
}

interface Size {
  width: number;
  height: number;
}

async function decoded(file: Blob): Promise<Size> {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  try {
    await image.decode();
    return { width: image.naturalWidth, height: image.naturalHeight };
  } finally {
    URL.revokeObjectURL(image.src);
  }
}

/**
 * Whether the name was typed as it is shown: pages show any run of spaces as one, and characters that only steer others
 * not at all.
 */
export function isSameName(typed: string, name: string): boolean {
  const wanted = asShown(name);
  return wanted === "" ? typed.trim() === name.trim() : asShown(typed) === wanted;
}

function asShown(text: string): string {
  return text.normalize().replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, "").replace(/\s+/g, " ").trim();
}

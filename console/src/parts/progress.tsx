const LOOK =
  "h-2 w-40 appearance-none overflow-hidden rounded-full border border-edge bg-sunken max-sm:w-full [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:bg-accent";

/** How much is done, from 0 to 1. */
export function Progress({ share, label }: { share: number; label: string }) {
  return <progress max={1} value={share} aria-label={label} className={LOOK} />;
}

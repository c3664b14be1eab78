import type { ComponentProps } from "react";

const LOOKS = {
  main: "border-accent bg-accent text-on-accent hover:brightness-110",
  plain: "border-edge bg-surface text-ink hover:bg-sunken",
  quiet: "border-transparent bg-transparent text-accent hover:bg-sunken",
  danger: "border-danger bg-surface text-danger hover:bg-sunken",
};

export function Button({ look = "plain", className = "", ...rest }: ComponentProps<"button"> & { look?: keyof typeof LOOKS }) {
  return (
    <button
      type="button"
      {...rest}
      className={`inline-flex min-h-9 items-center justify-center gap-1.5 rounded-md border px-3 py-1 font-medium whitespace-nowrap disabled:cursor-not-allowed disabled:opacity-55 ${LOOKS[look]} ${className}`}
    />
  );
}

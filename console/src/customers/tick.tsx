interface Props {
  label: string;
  isOn: boolean;
  isOff: boolean;
  /** `isRange`: with Shift held, by the mouse or the space bar. */
  onChange: (isOn: boolean, isRange: boolean) => void;
}

export function Tick(props: Props) {
  return (
    <label className="inline-flex size-9 items-center justify-center select-none">
      <span className="sr-only">{props.label}</span>
      <input
        type="checkbox"
        checked={props.isOn}
        disabled={props.isOff}
        onChange={(event) => props.onChange(event.target.checked, (event.nativeEvent as MouseEvent).shiftKey)}
        className="size-4 accent-accent"
      />
    </label>
  );
}

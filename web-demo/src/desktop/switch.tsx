import type { ComponentChildren } from "preact";

interface Props {
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  describedBy?: string;
  children: ComponentChildren;
}

/** A switch: its name says what, its knob whether. */
export function Switch({ checked, onChange, disabled = false, describedBy, children }: Props) {
  return (
    <button
      type="button"
      role="switch"
      class="switch"
      aria-checked={checked}
      aria-describedby={describedBy}
      disabled={disabled}
      onClick={() => onChange(!checked)}
    >
      <span class="switch-track" aria-hidden="true" />
      <span class="switch-name">{children}</span>
    </button>
  );
}

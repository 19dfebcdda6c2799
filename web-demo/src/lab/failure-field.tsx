import { useId } from "preact/hooks";

interface Props<K extends string> {
  label: string;
  hint?: string;
  failures: { readonly [F in K]: { readonly label: string } };
  value: K;
  onChange: (failure: K) => void;
}

/** Which failure the next switch brings. */
export function FailureField<K extends string>({ label, hint, failures, value, onChange }: Props<K>) {
  const id = useId();
  return (
    <div class="field failure">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.currentTarget.value as K)}
      >
        {(Object.keys(failures) as K[]).map((kind) => (
          <option key={kind} value={kind}>
            {failures[kind].label}
          </option>
        ))}
      </select>
      {hint ? (
        <span id={`${id}-hint`} class="hint">
          {hint}
        </span>
      ) : null}
    </div>
  );
}

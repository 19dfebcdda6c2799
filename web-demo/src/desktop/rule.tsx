/** A rule's id, as a link to its text. */
export function RuleLink({ rule }: { rule: string }) {
  return (
    <a
      class="rule"
      href={`policy.html#${rule}`}
      target="rehome-policy"
      title="Opens the rule beside; the phone goes on here."
    >
      {rule}
    </a>
  );
}

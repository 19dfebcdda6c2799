//! The sentences of `POLICY.md`, which scenario files cite.

/// The rules and sentences of the policy, in the order of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Rule ids, as `4.1`.
    pub rules: Vec<String>,
    /// Sentences.
    pub sentences: Vec<Sentence>,
}

/// A sentence of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Its id, as `4.1a`.
    pub id: String,
    /// What it says.
    pub text: String,
    /// Why it cannot be seen from outside, if so.
    pub unseen: Option<String>,
}

impl Sentence {
    /// The rule that it belongs to.
    #[must_use]
    pub fn rule(&self) -> &str {
        rule_of(&self.id)
    }
}

impl Policy {
    /// The policy of this repository.
    pub fn own() -> anyhow::Result<Self> {
        Self::parse(include_str!("../../../core/POLICY.md"))
    }

    /// Reads headings `### 4.1`, and list entries `- **4.1a** text` that may go on in indented lines.
    pub fn parse(markdown: &str) -> anyhow::Result<Self> {
        let mut policy = Self { rules: Vec::new(), sentences: Vec::new() };
        let mut open = false;
        for (number, line) in markdown.lines().enumerate().map(|(index, line)| (index + 1, line)) {
            if let Some(rule) = line.strip_prefix("### ") {
                policy.rules.push(rule.trim().to_owned());
                open = false;
            } else if let Some((id, text)) = line.strip_prefix("- **").and_then(|rest| rest.split_once("** "))
                && id.starts_with(|c: char| c.is_ascii_digit())
            {
                let known = policy.rules.last().is_some_and(|rule| rule == rule_of(id));
                if !known || rule_of(id) == id || policy.sentence(id).is_some() {
                    anyhow::bail!(
                        "POLICY.md, line {number}: the sentence {id} is out of place: give it the number of the rule above it and a letter of its own"
                    );
                }
                policy.sentences.push(Sentence { id: id.to_owned(), text: text.trim().to_owned(), unseen: None });
                open = true;
            } else if open && line.starts_with("  ") {
                if let Some(sentence) = policy.sentences.last_mut() {
                    sentence.text = format!("{} {}", sentence.text, line.trim());
                }
            } else {
                open = false;
            }
        }
        for sentence in &mut policy.sentences {
            let why = sentence.text.split_once("(Not seen from outside: ").and_then(|(_, why)| why.split_once(".)"));
            sentence.unseen = why.map(|(why, _)| why.to_owned());
        }
        if policy.sentences.is_empty() {
            anyhow::bail!("POLICY.md has no sentence: they are written as `- **4.1a** text` under `### 4.1`");
        }
        Ok(policy)
    }

    /// The sentence of this id.
    #[must_use]
    pub fn sentence(&self, id: &str) -> Option<&Sentence> {
        self.sentences.iter().find(|sentence| sentence.id == id)
    }

    /// Whether there is a rule of this id.
    #[must_use]
    pub fn has_rule(&self, id: &str) -> bool {
        self.rules.iter().any(|rule| rule == id)
    }

    /// The letters of a rule's sentences, for messages.
    #[must_use]
    pub fn sentences_of(&self, rule: &str) -> Vec<&str> {
        self.sentences.iter().filter(|sentence| sentence.rule() == rule).map(|sentence| sentence.id.as_str()).collect()
    }
}

/// The rule of a sentence's id: `4.1` of `4.1a`.
#[must_use]
pub fn rule_of(id: &str) -> &str {
    id.trim_end_matches(|c: char| c.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_of_this_repository_is_read_whole() {
        let policy = Policy::own().unwrap();
        let written = include_str!("../../../core/POLICY.md");
        assert_eq!(policy.sentences.len(), written.lines().filter(|line| line.starts_with("- **")).count());
        assert_eq!(policy.rules.len(), written.lines().filter(|line| line.starts_with("### ")).count());
        assert!(policy.rules.iter().all(|rule| !policy.sentences_of(rule).is_empty()));
        let unseen: Vec<_> = policy.sentences.iter().filter(|s| s.unseen.is_some()).collect();
        assert_eq!(unseen.len(), written.matches("(Not seen from outside:").count());
        assert!(policy.sentence("4.1a").is_some_and(|s| s.rule() == "4.1" && s.unseen.is_none()));
    }

    #[test]
    fn a_sentence_goes_on_in_indented_lines_and_must_be_in_its_place() {
        let policy =
            Policy::parse("### 9.1\n\n- **9.1a** One,\n  and more. (Not seen from outside: why not.)\n").unwrap();
        assert_eq!(policy.sentences[0].text, "One, and more. (Not seen from outside: why not.)");
        assert_eq!(policy.sentences[0].unseen.as_deref(), Some("why not"));
        for wrong in ["### 9.1\n- **9.2a** x", "### 9.1\n- **9.1** x", "### 9.1\n- **9.1a** x\n- **9.1a** y", "# 9"] {
            assert!(Policy::parse(wrong).is_err(), "{wrong}");
        }
    }
}

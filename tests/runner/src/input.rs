//! Inputs, as a file writes them.

use serde_json::Value;

use crate::problem::{At, Problem};
use crate::schema::{self, ANSWERS, INPUTS, OUTCOMES};
use crate::{config, native, notation};

/// Checks an input; that of `configure` gets its whole configuration: what it says, laid
/// over the preset as the file's is.
pub(crate) fn read(at: &At<'_>, value: &Value, preset: &Value) -> Result<Value, Problem> {
    let shape = schema::tagged(at, value, "input", INPUTS, &[])?;
    let mut input = value.clone();
    match shape.kind {
        "configure" => input["config"] = config::lay_over(&at.key("config"), preset, &value["config"])?,
        "flowLost" => {
            let at = at.key("target");
            notation::check_target(at.text(&value["target"])?).map_err(|error| at.problem(error))?;
        }
        "answer" => answer(&at.key("answer"), &value["answer"])?,
        "outcome" | "refreshed" => {
            schema::tagged(&at.key("outcome"), &value["outcome"], "outcome", OUTCOMES, &[])?;
        }
        _ => {}
    }
    // What is left are values: of the right type and in range.
    match native::input(&input, |_| None) {
        Ok(_) => Ok(input),
        Err(error) => Err(at.wrong(value, "input that can be handed in", &error)),
    }
}

fn answer(at: &At<'_>, value: &Value) -> Result<(), Problem> {
    if schema::tagged(at, value, "answer", ANSWERS, &[])?.kind == "srv" {
        let at = at.key("records");
        for (index, record) in at.array(&value["records"])?.iter().enumerate() {
            let at = at.index(index);
            let text = record
                .as_str()
                .ok_or_else(|| at.wrong(record, "SRV record", "write \"priority weight port target\" in quotes"))?;
            notation::srv_record(text).map_err(|error| at.problem(error))?;
        }
    }
    Ok(())
}

//! The story that the demo tells and the tests play: a phone of its own process registers in the lab, loses its data
//! centre, rolls over inside the tier and across, stays where it is served when the data centre returns, and comes home
//! when an agent logs in.
//!
//! The phone's word is not enough: [`play`] compares it with what the registrars saw. It tells each decision as a
//! [`Line`] and ends with an [`Ending`] that names every part that did not happen.

mod evidence;
mod follow;
mod show;
mod story;
mod words;

pub use evidence::{RegistrarRow, count};
pub use follow::{Line, Mark};
pub use show::{Style, ending, line};
pub use story::{Ending, Part, PhoneProgram, Story, play};

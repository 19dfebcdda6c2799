//! The phone as a program: JSON lines in, JSON lines out.

use std::io::Write;
use std::process::ExitCode;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::mpsc;

use crate::{Args, Command, Options, Report, run};

/// Runs the phone as these arguments say, commands from standard input, reports to standard output, until the end of
/// the input.
#[must_use]
pub fn program(args: Args) -> ExitCode {
    let start = args.start;
    let result = args.options().and_then(|options| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let result = runtime.block_on(serve(options, start));
        // Reading standard input cannot be interrupted: do not wait for it.
        runtime.shutdown_background();
        result
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rehome-phone: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Options, start: bool) -> anyhow::Result<()> {
    let (commands, to_obey) = mpsc::unbounded_channel();
    let (reports, mut to_say) = mpsc::unbounded_channel();
    if start {
        let _ = commands.send(Command::Start);
    }
    let complaints = reports.clone();
    let began = std::time::Instant::now();
    let listening = tokio::spawn(async move {
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if line.trim().is_empty() {
                continue;
            }
            match Command::from_line(&line) {
                Ok(command) => drop(commands.send(command)),
                Err(error) => {
                    let at_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
                    let _ = complaints.send(Report::Error { at_ms, error });
                }
            }
        }
    });
    let talking = tokio::spawn(async move {
        while let Some(report) = to_say.recv().await {
            let Ok(line) = serde_json::to_string(&report) else { continue };
            let mut out = std::io::stdout().lock();
            // A closed pipe: nobody listens any more, and the input will end too.
            let _ = writeln!(out, "{line}").and_then(|()| out.flush());
        }
    });
    let result = run(options, to_obey, reports).await;
    listening.abort();
    let _ = listening.await;
    let _ = talking.await;
    Ok(result?)
}

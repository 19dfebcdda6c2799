//! What of panics is linked into the shipped libraries, and why: `rehome-panics`, or `rehome-panics FILE ...`.

#[cfg(not(alone))]
fn main() -> anyhow::Result<std::process::ExitCode> {
    look::look()
}

#[cfg(not(alone))]
mod look {
    use std::path::Path;
    use std::process::ExitCode;

    use anyhow::Result;
    use rehome_panics::builds;
    use rehome_panics::known::{ALONE, Known, Left, native, wasm};
    use rehome_panics::locations::{CORE, locations};
    use rehome_panics::memory::Memory;
    use rehome_panics::seeds::SEEDS;
    use rehome_proving::{Lines, root};

    type Build<'a> = Box<dyn Fn() -> Result<Vec<u8>> + 'a>;

    pub(super) fn look() -> Result<ExitCode> {
        let prove = std::env::var_os("REHOME_PROVE").is_some();
        let files: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--for-prove").collect();
        let prove = prove || std::env::args().any(|argument| argument == "--for-prove");
        if !files.is_empty() {
            return listed(&files);
        }
        let (root, into) = (root(), root().join("target/panics"));
        let mut libraries: Vec<(&str, Vec<Known>, Build<'_>)> = vec![
            ("core alone, wasm", ALONE.to_vec(), Box::new(|| builds::alone(&root, &into, Some(builds::WASM)))),
            ("shipped wasm", wasm(), Box::new(|| builds::shipped_wasm(&root, &into))),
        ];
        if cfg!(target_os = "linux") {
            libraries.push(("core alone, native", ALONE.to_vec(), Box::new(|| builds::alone(&root, &into, None))));
            libraries.push(("shipped native library", native(), Box::new(|| builds::shipped_native(&root))));
        }
        let (mut ok, mut done, of) = (true, 0, libraries.len() + SEEDS.len());
        let lines = Lines { shown: prove };
        let mut progress = || {
            lines.progress(done, of, "libraries");
            done += 1;
        };
        for (name, known, build) in libraries {
            progress();
            ok &= told(name, &Left::of(&locations(&Memory::of(&build()?)?), &known), lines);
        }
        let mut found = 0;
        for seed in SEEDS {
            progress();
            let is_found = seed.is_found(&into)?;
            println!("seeded: {}: {}", seed.name, if is_found { "found" } else { "NOT FOUND" });
            found += usize::from(is_found);
        }
        lines.result(format_args!("{found} of {} seeded panics found", SEEDS.len()));
        Ok(if ok && found == SEEDS.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// One library: what is left of panics in it.
    fn told(name: &str, left: &Left, lines: Lines) -> bool {
        println!("\n{name}");
        for (known, locations) in &left.known {
            println!("  {} {}: {}, as {}", known.package, known.file, locations.len(), known.reason);
            let places: Vec<String> = locations.iter().map(|l| format!("{}:{}", l.file, l.line)).collect();
            println!("      {}", places.join(" "));
        }
        left.unknown.iter().for_each(|location| println!("  UNKNOWN {location}"));
        left.gone.iter().for_each(|known| println!("  GONE, take it off the list: {} {}", known.package, known.file));
        let of_core = left.unknown.iter().filter(|location| location.package == CORE).count();
        let unknown = left.unknown.len() - of_core;
        let known = left.by_package();
        lines.result(format_args!("{name}: {of_core} panics in the core, {unknown} unknown, known ones: {known}"));
        left.holds()
    }

    /// Every place in any library.
    fn listed(files: &[String]) -> Result<ExitCode> {
        let mut of_core = false;
        for file in files {
            for location in locations(&Memory::of(&std::fs::read(Path::new(file))?)?) {
                println!("{file}: {location}");
                of_core |= location.package == CORE;
            }
        }
        Ok(if of_core { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

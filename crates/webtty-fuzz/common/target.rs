//! A fuzz target: libFuzzer tries it with inputs of its own; without libFuzzer it is a program that
//! tries the files of the folder it is given.

/// Defines a program's target, `|input: &[u8]| { … }`, which panics at a finding.
macro_rules! target {
    (|$input:ident: &[u8]| $body:block) => {
        #[cfg(feature = "libfuzzer")]
        libfuzzer_sys::fuzz_target!(|$input: &[u8]| $body);

        #[cfg(not(feature = "libfuzzer"))]
        fn main() {
            let folder = std::env::args_os().nth(1).expect("a folder of inputs");
            for file in std::fs::read_dir(folder).expect("the folder of inputs") {
                let path = file.expect("a file of the folder").path();
                let bytes = std::fs::read(&path).expect("an input");
                if std::panic::catch_unwind(|| (|$input: &[u8]| $body)(&bytes)).is_err() {
                    eprintln!("the input was {}", path.display());
                    std::process::exit(1);
                }
            }
        }
    };
}

pub(crate) use target;

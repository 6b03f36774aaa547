//! Any input of `cti decode`: hex, a raw stream or a capture. What is shown does not depend on how the input arrives.
//!
//! The first byte chooses the options, the second how much is read at once.
#![no_main]

use std::io::{self, Read};

use cti_fuzz::protocol;
use cti_std::decode::{Form, InputKind, Options, detect, run};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&[choice, size], input)) = data.split_first_chunk() else {
        return;
    };
    let options = options(choice);
    let at_once = shown(input, &options);
    let in_chunks = shown(InChunks { rest: input, size: usize::from(size) + 1 }, &options);
    assert_eq!(in_chunks.result, at_once.result);
    // How much of an unusable input is shown is left to chance.
    if at_once.result.is_ok() {
        assert_eq!(in_chunks, at_once);
    }
    if matches!(detect(input), InputKind::Empty | InputKind::Compressed) {
        assert!(at_once.result.is_err());
    }
});

fn options(choice: u8) -> Options {
    let protocol = protocol(choice >> 2);
    let is_told = choice & 1 == 1;
    Options {
        protocol: is_told.then_some(protocol.version()),
        product: is_told.then_some(protocol.product()),
        form: if choice & 2 == 0 { Form::Text { colour: choice & 4 == 4 } } else { Form::Json },
        ports: if choice & 8 == 8 { vec![1, 80] } else { vec![] },
        passwords: choice & 16 == 16,
        ..Options::default()
    }
}

/// What comes of an input.
#[derive(Debug, PartialEq)]
struct Shown {
    output: String,
    notes: String,
    result: Result<(u64, u64), String>,
}

fn shown(input: impl Read, options: &Options) -> Shown {
    let (mut output, mut notes) = (Vec::new(), Vec::new());
    let result = run(input, options, &mut output, &mut notes);
    let output = String::from_utf8(output).expect("output is UTF-8");
    if options.form == Form::Json {
        let objects = output.lines().all(|line| line.starts_with('{') && line.ends_with('}'));
        assert!(objects && (output.is_empty() || output.ends_with('\n')), "{output}");
    }
    Shown {
        output,
        notes: String::from_utf8(notes).expect("notes are UTF-8"),
        result: result.map(|summary| (summary.messages, summary.problems)).map_err(|error| error.to_string()),
    }
}

/// A reader that gives little at once.
struct InChunks<'a> {
    rest: &'a [u8],
    size: usize,
}

impl Read for InChunks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = buffer.len().min(self.size);
        self.rest.read(&mut buffer[..room])
    }
}

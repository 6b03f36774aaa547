//! Any body as any message: what can be read can be written and read again, and all views of a frame agree.
#![no_main]

use core::fmt::{self, Write as _};

use cti_fuzz::FRAME_MAX;
use cti_proto::message::Message;
use cti_proto::{Blame, Body, EncodeError, Frame, Handler, Parsed, Protocol, encode, encoded_len};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(frame) = cti_fuzz::frame(data) else {
        return;
    };
    let wrong = frame.fields().find_map(Result::err);
    let message = match frame.message() {
        Ok(message) => message,
        Err(error) => {
            assert_eq!(error.blame(), Blame::Peer);
            assert!(error.offset <= frame.body().len());
            assert_eq!(frame.dispatch(&mut Again::new(frame.protocol())), Err(error));
            assert!(wrong.is_some(), "{error}, but not field by field");
            print(&error);
            return;
        }
    };
    assert_eq!(wrong, None, "{message:?}");
    assert_eq!(message.message_type(), frame.message_type());
    print(&message);

    let mut again = Again::new(frame.protocol());
    let written = message.dispatch(&mut again);
    assert_eq!(frame.dispatch(&mut Again::new(frame.protocol())), Ok(written.clone()));
    match written {
        Some(Ok(bytes)) => {
            let Ok(Parsed::Frame(second, [])) = Frame::parse(frame.protocol(), &bytes) else {
                panic!("{bytes:02x?} is no frame");
            };
            let read = second.message().expect("what was written can be read");
            assert_eq!(read, message);
            assert_eq!(read.dispatch(&mut Again::new(frame.protocol())), Some(Ok(bytes.clone())));
        }
        Some(Err(error)) => assert_eq!(error.blame(), Blame::Usage, "{error}"),
        None => assert_eq!(message, Message::Other(frame)),
    }
});

/// Writes a message, and measures it.
struct Again {
    protocol: Protocol,
    buffer: Vec<u8>,
}

impl Again {
    fn new(protocol: Protocol) -> Self {
        Self { protocol, buffer: vec![0; FRAME_MAX] }
    }
}

impl Handler for Again {
    type Output = Option<Result<Vec<u8>, EncodeError>>;

    fn message<'a, M: Body<'a>>(&mut self, message: &M) -> Self::Output {
        let written = encode(self.protocol, message, &mut self.buffer);
        assert_eq!(encoded_len(self.protocol, message), written.map(<[u8]>::len));
        Some(written.map(<[u8]>::to_vec))
    }

    fn other(&mut self, _: &Frame<'_>) -> Self::Output {
        None
    }
}

fn print(value: &dyn fmt::Debug) {
    struct Nowhere;
    impl fmt::Write for Nowhere {
        fn write_str(&mut self, _: &str) -> fmt::Result {
            Ok(())
        }
    }
    write!(Nowhere, "{value:?}").expect("nothing refuses");
}

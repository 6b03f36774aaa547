//! Which messages a tracker hears, said once.

/// A function that takes each message that a tracker hears, and one that tells whether a message is among them: so that
/// most messages of others cost next to nothing.
macro_rules! heard {
    (
        $(#[$attr:meta])*
        fn $is_heard:ident;

        impl[$($generics:tt)*] $tracker:ty;
        fn $hear:ident($self:ident, $frame:ident $(, $now:ident)?) {
            $($message:ident => $take:expr;)*
        }
    ) => {
        $(#[$attr])*
        #[inline]
        const fn $is_heard(message: $crate::message::MessageType) -> bool {
            matches!(message, $($crate::message::MessageType::$message)|*)
        }

        impl<$($generics)*> $tracker {
            fn $hear(
                &mut $self,
                $frame: &$crate::wire::Frame<'_>
                $(, $now: $crate::track::second::Second)?
            ) -> Result<(), $crate::error::DecodeError> {
                match $frame.message_type() {
                    $($crate::message::MessageType::$message => $take,)*
                    _ => {}
                }
                Ok(())
            }
        }
    };
}

pub(crate) use heard;

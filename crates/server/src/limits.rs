//! Every limit of the HTTP side on size, count and time, in one place. Those of a capture's content are in `service::limits`.

use std::time::Duration;

/// Largest JSON body, bytes.
pub const BODY_BYTES: usize = 64 * 1024;
/// Largest body of the face service, all pictures together.
pub const FACES_BODY_BYTES: usize = 24 << 20;
/// Longest text field beside the pictures, bytes.
pub const FORM_TEXT_BYTES: usize = 1_024;
/// Most fields of such a form.
pub const FORM_FIELDS: usize = 24;
/// Largest WebSocket message: one frame, its timestamp and a little room, so that an oversized frame gets an answer.
pub const WS_MESSAGE_BYTES: usize = service::limits::FRAME_BYTES + 64 * 1024;
/// A WebSocket write that takes longer ends the capture.
pub const WS_WRITE: Duration = Duration::from_secs(5);
/// After its result a capture's socket is read on for this long, so that the client gets the result.
pub const WS_LINGER: Duration = Duration::from_secs(2);
/// Sign-ins and sign-ups of one address in one window.
pub const SIGN_IN_PER_WINDOW: u32 = 60;
/// The window of [`SIGN_IN_PER_WINDOW`].
pub const SIGN_IN_WINDOW: Duration = Duration::from_secs(60);
/// Addresses whose requests are counted.
pub const ADDRESSES_COUNTED: usize = 20_000;
/// Headers must be complete in this time.
pub const HEADER_READ: Duration = Duration::from_secs(10);
/// A request other than a WebSocket is answered in this time.
pub const REQUEST: Duration = Duration::from_secs(30);
/// Open requests may take this long at shutdown.
pub const DRAIN: Duration = Duration::from_secs(5);

//! The server's errors as kinds, codes and positions.

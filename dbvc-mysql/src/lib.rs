//! MySQL and MariaDB for dbvc.

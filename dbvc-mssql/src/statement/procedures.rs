//! System procedures that refuse to run in a transaction (error 15002).

/// Of the first group the pages in the reference of system stored procedures say so, each in its remarks. Of the second one
/// it is taken from "Transact-SQL Statements Allowed in Transactions": no procedure may run there that changes `master`.
pub(super) const PROCEDURES: [&str; 50] = [
    "sp_addapprole",
    "sp_addlinkedserver",
    "sp_addlinkedsrvlogin",
    "sp_addlogin",
    "sp_addrolemember",
    "sp_addsrvrolemember",
    "sp_adduser",
    "sp_change_users_login",
    "sp_defaultdb",
    "sp_defaultlanguage",
    "sp_denylogin",
    "sp_droplogin",
    "sp_dropremotelogin",
    "sp_droprole",
    "sp_droprolemember",
    "sp_dropserver",
    "sp_dropsrvrolemember",
    "sp_dropuser",
    "sp_grantlogin",
    "sp_password",
    "sp_requestpeerresponse",
    "sp_revokedbaccess",
    //
    "sp_add_log_shipping_database",
    "sp_adddistpublisher",
    "sp_adddistributiondb",
    "sp_adddistributor",
    "sp_addextendedproc",
    "sp_addpublication",
    "sp_addserver",
    "sp_addsubscription",
    "sp_addumpdevice",
    "sp_attach_db",
    "sp_attach_single_file_db",
    "sp_certify_removable",
    "sp_create_removable",
    "sp_dboption",
    "sp_detach_db",
    "sp_dropdevice",
    "sp_dropdistpublisher",
    "sp_dropdistributiondb",
    "sp_dropdistributor",
    "sp_dropextendedproc",
    "sp_droplinkedserver",
    "sp_droplinkedsrvlogin",
    "sp_droppublication",
    "sp_dropsubscription",
    "sp_renamedb",
    "sp_replicationdboption",
    "sp_serveroption",
    "sp_setnetname",
];

/// "Full-text system stored procedures" as a whole are on the list of what may not.
pub(super) fn is_of_full_text(name: &str) -> bool {
    name.starts_with("sp_fulltext_")
}

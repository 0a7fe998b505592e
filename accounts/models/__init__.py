from accounts.models.account import Account
from accounts.models.bar import ARREARS, NEEDS_TWO_PEOPLE, Bar, BarAuthor, BarReason
from accounts.models.bar_proposal import BarAction, BarProposal, BarProposalState
from accounts.models.budget import Budget
from accounts.models.contact import Contact
from accounts.models.customer import Customer
from accounts.models.data_download import DataDownload, DataDownloadState
from accounts.models.holiday_window import HIGHEST_STAR, HolidayWindow
from accounts.models.identity_document import DocumentDirectory, DocumentKind, IdentityDocument
from accounts.models.line import Language, Line, LineState
from accounts.models.line_act import LineAct, LineActKind
from accounts.models.number_directory import NumberDirectory
from accounts.models.partner_grant import PartnerGrant
from accounts.models.partner_message import PartnerMessage
from accounts.models.privacy_choice import PrivacyChoice
from accounts.models.resting_number import RestingNumber
from accounts.models.retention_record import RetentionRecord
from accounts.models.second_factor import ELSEWHERE, SecondFactor
from accounts.models.service_password import ServicePassword
from accounts.models.sign_in import SignIn
from accounts.models.sign_in_code import CodePurpose, SignInCode
from accounts.models.sim_card import SimCard, SimDirectory, SimReason
from accounts.models.staff_recovery_code import StaffRecoveryCode
from accounts.models.staff_trace import StaffTrace, TraceKind, TraceOutcome
from accounts.models.staff_user import StaffUser
from accounts.models.star_rating import StarRating
from accounts.models.star_table import StarBand, StarInput, StarStep, StarTable, StarTableState

__all__ = [
    "ARREARS",
    "ELSEWHERE",
    "HIGHEST_STAR",
    "NEEDS_TWO_PEOPLE",
    "Account",
    "Bar",
    "BarAction",
    "BarAuthor",
    "BarProposal",
    "BarProposalState",
    "BarReason",
    "Budget",
    "CodePurpose",
    "Contact",
    "Customer",
    "DataDownload",
    "DataDownloadState",
    "DocumentDirectory",
    "DocumentKind",
    "HolidayWindow",
    "IdentityDocument",
    "Language",
    "Line",
    "LineAct",
    "LineActKind",
    "LineState",
    "NumberDirectory",
    "PartnerGrant",
    "PartnerMessage",
    "PrivacyChoice",
    "RestingNumber",
    "RetentionRecord",
    "SecondFactor",
    "ServicePassword",
    "SignIn",
    "SignInCode",
    "SimCard",
    "SimDirectory",
    "SimReason",
    "StaffRecoveryCode",
    "StaffTrace",
    "StaffUser",
    "StarBand",
    "StarInput",
    "StarRating",
    "StarStep",
    "StarTable",
    "StarTableState",
    "TraceKind",
    "TraceOutcome",
]

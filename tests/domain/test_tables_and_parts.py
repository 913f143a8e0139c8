"""Values in tables and forms: rows of totals, headings set close or broken, numbered boxes; name parts; sentences."""

from __future__ import annotations

import pytest

from app.domain.extraction import extract
from app.domain.layout import Layout, Page, Word
from app.domain.strips import strips_of
from data.kinds import kind_words, load_kinds
from tests.domain.pages_of_words import form, layout


def values(page, kind: str) -> dict[str, object]:  # type: ignore[no-untyped-def]
    return {field.name: field.value for field in extract(page, load_kinds()[kind], kind_words())}


def row(y: float, *texts: str, at: tuple[float, ...] = (60, 220, 330, 440)) -> list[tuple[float, float, str]]:
    return [(x, y, text) for x, text in zip(at, texts, strict=False) if text]


def test_sums_of_a_row_of_totals_by_the_heading_of_their_column() -> None:
    page = layout(
        [
            *row(80, "Recibo de vencimento"),
            *row(120, "Descrição", "Abonos", "Descontos"),
            *row(140, "Vencimento", "2.000,00"),
            *row(160, "Outros", "150,00"),
            *row(180, "Segurança Social", "", "236,50"),
            *row(200, "Totais", "2.150,00", "236,50"),
            *row(230, "Líquido a receber", "1.913,50"),
        ]
    )
    found = values(page, "payslip")
    assert (found["gross_pay"], found["deductions"], found["net_pay"]) == ("2150.00", "236.50", "1913.50")


def test_headings_set_close_have_a_column_each() -> None:
    headings = [(60, 120, "Conceptos"), (180, 120, "Base de cotización"), (292, 120, "Cuota del trabajador")]
    figures = [(60, 140, "Mensual"), (200, 140, "2.070,00"), (330, 140, "97,29")]
    found = values(layout([(60, 80, "Informe de bases de cotización"), *headings, *figures]), "social_insurance")
    assert (found["contribution_base"], found["monthly_contribution"]) == ("2070.00", "97.29")


@pytest.mark.parametrize(("blank", "columns"), [(6.2, ["Tax paid TD"]), (9.3, ["Tax", "paid", "TD"])])
def test_a_blank_of_a_typewriter_is_no_gap(blank: float, columns: list[str]) -> None:
    at, words = 60.0, []
    for text in ("Tax", "paid", "TD"):
        words.append(Word(text, (at, 80, at + 6.2 * len(text), 90), 1, 1.0))
        at += 6.2 * len(text) + blank
    (strip,) = strips_of(Layout((Page(1, 595, 842, tuple(words)),), 1))
    assert [strip.text[start:end] for start, end in strip.columns] == columns


def test_a_heading_broken_over_two_lines() -> None:
    broken = [*row(120, "Company", "Taxable", "Net", "Date"), *row(132, "", "Gross", "Pay", "paid")]
    figures = row(152, "Lumen Ltd", "3,000.00", "2,200.00", "31/03/2026")
    found = values(layout([(60, 80, "Payslip"), *broken, *figures]), "payslip")
    assert found["net_pay"] == "2200.00"


def test_the_number_of_the_next_box_is_no_amount() -> None:
    boxes = [(60, 120, "2 Ingehouden loonheffing"), (260, 120, "3 Arbeidskorting")]
    figures = [(60, 136, "15.557"), (260, 136, "4.881")]
    assert values(layout([(60, 80, "Jaaropgaaf 2025"), *boxes, *figures]), "annual_wage_statement")["tax_paid"] == (
        "15557.00"
    )


@pytest.mark.parametrize("code", ["0595", "12,5000"])
def test_codes_of_boxes_and_rates_are_no_amounts(code: str) -> None:
    page = layout([(60, 80, "Declaración de la renta"), *row(120, "Cuota resultante", code, "9.574,73")])
    assert values(page, "income_tax")["tax_paid"] == "9574.73"


def test_a_box_that_is_not_used_is_not_the_tax() -> None:
    page = layout(
        [(60, 80, "Bescheid für 2025 über Einkommensteuer"), *row(120, "Festgesetzt werden", "10.033,00", "0,00")]
    )
    assert values(page, "income_tax")["tax_paid"] == "10033.00"


def test_a_running_total_by_the_words_beside_its_label() -> None:
    page = form("Payslip", "Gross Pay TD | 9,000.00", "Gross Pay | 3,000.00", "Net Pay | 2,400.00")
    assert values(page, "payslip")["gross_pay"] == "3000.00"


def test_a_name_in_parts_is_one_name() -> None:
    page = form("P60 End of Year Certificate", "Surname: | Okonkwo", "Forenames: | Priya", "Tax deducted | 812.40")
    assert values(page, "annual_wage_statement")["employee"] == "Priya Okonkwo"


def test_a_label_in_two_languages_names_one_value() -> None:
    page = form("工资单", "姓名 Name | 欧阳雪梅", "实发工资 Net Pay | 8,120.00")
    assert values(page, "payslip")["employee"] == "欧阳雪梅"


def test_an_address_ends_where_the_next_entry_has_its_label() -> None:
    page = form("Tax Return Transcript", "ADDRESS: | 85 Elm Street, Boise, ID 83702", "FILING STATUS: | Single")
    assert values(page, "income_tax")["address"] == "85 Elm Street, Boise, ID 83702"


def test_a_sentence_goes_on_in_the_next_line() -> None:
    lines = (
        "To whom it may concern",
        "This letter is to verify that Brianna Castellano has been employed with Blue Mesa",
        "Logistics Inc. since May 20, 2020. She holds the position of Shift Lead and earns an annual",
        "base salary of $47,500.00 before taxes.",
    )
    page = layout([(60, 80 + 14 * at, line) for at, line in enumerate(lines)])
    found = values(page, "employment_letter")
    assert found["employee"] == "Brianna Castellano"
    assert found["start_date"] == "2020-05-20"
    assert found["annual_salary"] == "47500.00"
    assert found["position"] == "Shift Lead"


@pytest.mark.parametrize(
    ("parties", "whose"),
    [(("Ditta: Lumen S.r.l.",), "employer_address"), (("Ditta: Lumen S.r.l.", "Dipendente: Anna Riva"), "address")],
)
def test_an_address_is_that_of_whom_it_follows(parties: tuple[str, ...], whose: str) -> None:
    found = values(form("Busta paga", *parties, "Indirizzo: Corso Garibaldi, 102, 38121 Trento"), "payslip")
    assert [name for name in ("employer_address", "address") if name in found] == [whose]


def test_a_day_that_a_phrase_gives_to_one_field_is_no_other_fields() -> None:
    page = form("Lease agreement", "The tenancy begins on 1 March 2026 and ends on 28 February 2027.")
    found = values(page, "lease")
    assert (found["valid_from"], found["valid_to"]) == ("2026-03-01", "2027-02-28")
    assert "issue_date" not in found


@pytest.mark.parametrize(
    "told",
    [
        "She earns $3,900.00 per month.",
        "Monthly salary: $3,900.00",
        "Salary: $3,900.00 a month",
        "Salary: $3,900.00 per calendar month",
        "Salary: $180.00 a day",
        "年薪: 10,000.00 元/月",
    ],
)
def test_monthly_pay_is_no_annual_salary(told: str) -> None:
    page = form("Employment letter", "This is to certify that Ann Lee is employed as a Nurse.", told)
    assert "annual_salary" not in values(page, "employment_letter")


def test_a_chinese_sentence_says_what_is_what() -> None:
    page = layout(
        [
            (60, 80, "住房公积金缴存证明"),
            (60, 110, "兹证明王建国（身份证号码：330106198507150017），工作单位为杭州云帆科技有限公司，"),
            (60, 130, "月缴存基数为15,150.00元，月缴存额为3,636.00元。"),
        ]
    )
    found = values(page, "housing_fund")
    assert (found["holder"], found["employer"]) == ("王建国", "杭州云帆科技有限公司")
    assert (found["contribution_base"], found["monthly_contribution"]) == ("15150.00", "3636.00")

/**
 * The country of a plate: cameras send the number of a table (nearha/hikvision-anpr-ha has it from a vendor document), or a text of their
 * own. Numbers become ISO 3166-1 alpha-3, with XKX for Kosovo; those that mean no country of that standard stay.
 */

/** From 1; "-" has no code. */
const CODES = (
  "CZE FRA DEU ESP ITA NLD POL SVK BLR MDA RUS UKR BEL BGR DNK FIN GBR GRC HRV HUN ISR LUX MKD NOR PRT ROU SRB AZE GEO KAZ " +
  "LTU TKM UZB LVA EST ALB AUT BIH IRL ISL VAT MLT SWE CHE CYP TUR SVN MNE XKX AND ARM MCO LIE SMR - - - - CHN BHR " +
  "KOR LBN NPL THA PAK ARE BTN OMN PRK PHL KHM QAT KGZ MDV MYS MNG SAU BRN LAO JPN TUR PSE TJK KWT SYR IND IDN AFG LKA IRQ " +
  "VNM IRN YEM JOR MMR - BGD SGP TLS - - - - EGY LBY SDN TUN DZA MAR ETH ERI SOM DJI KEN TZA UGA RWA BDI SYC " +
  "TCD CAF CMR GNQ GAB COG COD STP MRT ESH SEN GMB MLI BFA GIN GNB CPV SLE LBR CIV GHA TGO BEN NER ZMB AGO ZWE MWI MOZ BWA " +
  "NAM ZAF SWZ LSO MDG COM MUS NGA SSD SHN MYT REU - - - - - - - CAN GRL SPM USA BMU MEX GTM BLZ SLV HND NIC CRI " +
  "PAN BHS TCA CUB JAM CYM HTI DOM PRI VIR VGB AIA ATG MAF - BLM KNA MSR GLP DMA MTQ LCA VCT GRD BRB TTO CUW ABW - COL " +
  "VEN GUY SUR GUF ECU PER BOL PRY CHL BRA URY ARG - - - - AUS NZL PNG SLB VUT NCL PLW FSM MHL MNP GUM NRU KIR FJI TON " +
  "TUV WLF WSM ASM TKL NIU COK PYF PCN - - - - - TWN HKG MAC"
).split(" ");

/** "Unrecognized" and "all": no country. */
const NO_COUNTRY: ReadonlySet<string> = new Set(["254", "255"]);

/** A number of the table as its ISO code; a text, and a number without a code, as it was sent. Undefined: the camera does not know. */
export function countryOf(sent: string | undefined): string | undefined {
  if (sent === undefined || NO_COUNTRY.has(sent)) return undefined;
  const code = /^\d{1,3}$/.test(sent) ? CODES[Number(sent) - 1] : undefined;
  return code === undefined || code === "-" ? sent : code;
}

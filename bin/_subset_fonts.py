"""Cuts the fonts of printed papers (billing/typst/fonts) out of Noto Sans CJK; run again when characters are missing.

The originals are the OpenType collections of Debian's package fonts-noto-cjk; pass their folder. `characters.txt`
beside the fonts lists what is in them; the typesetter reads there what it can print:

    .venv/bin/python bin/_subset_fonts.py /usr/share/fonts/opentype/noto
"""

import subprocess
import sys
from pathlib import Path

from fontTools.ttLib import TTFont

FONTS = Path(__file__).resolve().parent.parent / "billing" / "typst" / "fonts"
NAME = "NotoSansCJKsc"
SIMPLIFIED_CHINESE = "2"  # its place in the collection
# Met in the names of people, places and companies, and not in GB 2312.
IN_NAMES = (
    "丨乂乄仝伃伋伲佺佾俅俍俙倓倞倧偲傕僖儇兕冏凇凊刂劼勔勖勍匡卉卺厍叆叇吒呤咥哿唝啍啰喆喭嘏嘚噚嚞囍坒坔坮垕垚垟垯埇埈埕堃堉堽塃墘墡墺壬夆"
    "奡妘妤姈姞姝娅娍娫娬婍婧婳媞媄媖媛嫄嫚嫣嬅嬛孖孞宓宬寀寯尕屾岍岚岠峂峣崀崑崚嵘嶒嶓嶷巙帡帟幪庥廑弇弢彧徕忞忺怡恂恺悫惇惟慜憙懋戬扥抃抔"
    "拏挏捥揆揳摅攸敉旃旸昇昉昕昪昳昺昱晅晏晗晙晛晞晟晫晳晴暅暐暕暤暲暶曈曌曦朊杕杺枘柃柷栐栴桁桄桉桢梣棪棻椋椿楙楠楸榘榞榕榡榮槿樾橒橦橹"
    "檠檬欤歆殳毓毳毸汭汧沄沅沚沣沨泖泫泓泚洛洣洧洮洳洺浉浕浚浛浠浥涢涵淏淯淳淼湉湋湍湲湸湛溁溍溎溆溦滢滪滮漪潇潋潆潽澂澄澈澍澎澔澧澪濛濯"
    "灏灿炅炆炘炜炟炫炻烔烜烝烨焓焗焜焮焯焱煊煐煜煦煨熠熤熳熹燊燚爔爚牁犇犍狄猃玎玏玒玓玕玘玙玚玞玠玡玢玥玦玭玮玲玳玶玹玺珂珈珉珊珋珌珏珐珑"
    "珙珝珞珣珩珪珵珺珽琀琁琄琇琉琊琎琏琚琛琤琥琦琨琪琬琭琮琯琰琲琳琴琵琼瑀瑁瑃瑄瑅瑆瑑瑔瑗瑚瑛瑜瑝瑞瑢瑧瑨瑭瑱瑶瑷瑸瑾璁璃璆璇璈璎璐璘璞璟"
    "璠璥璩璪璮璲璺瓒甪畀畊畑畯畲皎皓皕皙皛皞皦盉眭睿矞砼砺硚硪碶碹礽祃祎祐祜祚祢祯祺祾禔禛禤禹秾稑穆穗窅竑竩笄笪筀筜筠箐箓箫簃籣粦粲綦縠"
    "纮纴绂绗绤绹缊缌缐缦缜缣缨羑羱翀翂翃翊翎翙翚翛翥翮翯耏耑聃聆聪肜肸胐胜胧胤胪腩臻舢舾艏艳芃芄芈芊芎芏芗芩芮芷芸芾苁苇苎苒苕苡苣苪茌茏茗茜茹荀"
    "荃荇荑荞荟荥荪荭荻莀莆莎莘莙莜莞莠莳莹莼菀菁菡菪萁萏萩萱萸葆葇葙葭葳蒟蒨蒯蒴蓁蓂蓉蓓蓥蓼蓿蔚蔌蔓蔻蕖蕙蕤蕰蕻薇薏薛薜藁藜藴蘅虓虔虞蚺蛲蜓蜞"
    "蝣蝰螣蠡衎衍袆裎裒褉襄襕覃觅觊訚訫詠詧誉諲謇讱诃诒诔诜诠诩诹谌谖谞谡谳豨豳贇贠贲赑赟赪赳趵跱踬躔轫轵轶轹轺辀辂辋辌辚达迓迕迢迤逄逵逯遄遆遐"
    "邈邓邕邗邡邰邳邴邵邶邺邾郃郄郅郇郏郕郗郜郡郢郦郫郯郴郸鄀鄂鄄鄌鄏鄗鄘鄚鄞鄢鄩鄫鄯鄱酆酡酩醴釉钊钐钘钜钥钫钭钰钲钺钼铄铉铎铨铭铮铱铼锃锜锟锦锳"
    "锴锽镓镛镝镠镡镢镥镦镬镱閟闫闵闻闼阇阊阎阏阚阿陀陉陌陔陬陲隗隽雎雒雯雱霁霄霈霏霓霖霜霞霨霭靓靖靳鞅鞠韡韦韪韫頔頫颀颂颉颋颍颐颙颜颢颥颺飏飑"
    "飔飚飨飬馔馗馥馨駃驭驷驿骁骃骅骉骎骏骐骓骕骖骢骥骦髡鬯鬻鲂鲔鲲鳌鳏鳐鳞鳯鵾鸢鸣鸫鸾鹄鹇鹍鹏鹔鹤鹭麒麓麟麴黎黟黼黾鼎鼐齐龑龚龢龠鿍鿎鿏㑇㛃㙦㟃㠇㧑㬎㳇㴔㸌㻬㼆䎃䏡䓛䓨䗖䜣䝙䢺䣘䥽䲟䴖"
)
# What Latin names and prices need, and the stop between the parts of other names: 阿依古丽·买买提.
LATIN = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x180)])) + "–—‘’“”…€"


def gb2312(first_row: int, after_row: int) -> str:
    """Return the characters of rows of GB 2312."""
    cells = ((row, cell) for row in range(first_row, after_row) for cell in range(0xA1, 0xFF))
    return "".join(bytes(pair).decode("gb2312", errors="ignore") for pair in cells)


def main(originals: Path) -> None:
    signs, usual, rare = gb2312(0xA1, 0xAA), gb2312(0xB0, 0xD8), gb2312(0xD8, 0xF8)
    # Bold sets what the hall itself says: headings and sums. Names stand in regular.
    subset("Regular", LATIN + signs + usual + rare + IN_NAMES, originals)
    # Bold sets what the hall itself says: headings and sums. Names stand in regular.
    subset("Bold", LATIN + signs + usual, originals)
    listed = sorted(TTFont(FONTS / f"{NAME}-Regular.otf").getBestCmap())
    (FONTS / "characters.txt").write_text("".join(map(chr, listed)), encoding="utf-8")


def subset(weight: str, characters: str, originals: Path) -> None:
    """Write one weight with these characters, as far as the original has them."""
    subprocess.run(  # noqa: S603 (our own arguments)
        [
            *(sys.executable, "-m", "fontTools.subset", str(originals / f"NotoSansCJK-{weight}.ttc")),
            *(f"--font-number={SIMPLIFIED_CHINESE}", f"--text={characters}", "--no-hinting"),
            *("--layout-features=kern", "--name-IDs=*", f"--output-file={FONTS / f'{NAME}-{weight}.otf'}"),
        ],
        check=True,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))

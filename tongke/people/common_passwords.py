"""Passwords of eight characters and more that everybody tries first, here and abroad.

Written down from what is commonly known; what merely repeats or counts is refused by rule in
`passwords` and need not stand here. All in lower case: a capital more hides nothing.
"""

COMMON_PASSWORDS = frozenset(
    """
    !qaz2wsx 00000000a 01234567 0123456789 11111111a 11112222 111222333 11223344 1122334455
    112233445566 123123123a 123321123 12344321 123456780 1234567890 1234567890a 123456789a
    12345678a 1234567q 123456aa 123456abc 123456asd 123456qq 123456qwe 123456zxc 12345qwert
    1234abcd 1234qwer 123654789 123qweasd 123qweasdzxc 13141314 13145200 1314520a 1314521521
    147258369 147852369 159357456 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 52013140
    52013145 5201314520 5201314a 52052052 5845201314 66668888 77582588 7758258a 77585211
    7758521a 87654321a 88886666 88888888a 987654321a a1234567 a12345678 a123456789 a5201314
    aa123456 aa12345678 aaa123456 abc12345 abc123456 abc123abc abcd1234 abcde123 admin123
    admin1234 admin12345 admin123456 admin888 admin8888 admin@123 administrator asd12345
    asd123456 asdasd123 asdf1234 asdfghjk asdfghjkl baidu123 baseball beijing2008 changeme
    changeme1 changsha changsha123 chen123456 computer default1 demo1234 dragon123 football
    google123 guest123 huawei123 hunan123 hunan123456 iloveu520 iloveyou iloveyou1 iloveyou2
    internet jennifer jiaoshi123 jiaoyu123 laoshi123 laoshi123456 letmein1 li123456 liu123456
    master123 michael1 monkey123 nihao123 nihao123456 nihaoma123 nishishui p@ssw0rd p@ssword
    pass1234 passw0rd passwd123 password password1 password12 password123 princess q1234567
    q12345678 q123456789 q1w2e3r4 q1w2e3r4t5 qaz123456 qazwsx123 qazwsxedc qq123456 qq12345678
    qq123456789 qwe12345 qwe123456 qweasdzxc qwer1234 qwerty12 qwerty123 qwerty1234 qwertyui
    qwertyuiop root1234 root123456 school123 secret123 starwars student1 student123 sunshine
    superman superman1 system123 teacher1 teacher12 teacher123 test1234 test12345 test123456
    tongke123 tongke123456 trustno1 user1234 w123456789 wang123456 wechat123 weixin123 welcome1
    welcome123 whatever woaini12 woaini123 woaini1314 woaini520 woaini521 woaiwojia woaiwoziji
    wodemima woshiren woshishui wsx123456 xiaomi123 xiaoming xiaoming123 xuesheng xuexiao123
    yang123456 z1234567 z123456789 zaq12wsx zhang123 zhang123456 zhongguo zhongguo1 zxc12345
    zxc123456 zxcvbnm, zxcvbnm1 zxcvbnm123 zz123456
    """.split()  # noqa: SIM905  # a list of three hundred strings would be a column of them
)

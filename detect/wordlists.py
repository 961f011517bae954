"""Small word lists, as text: what holds sentences together, what page furniture says, and names of months.

Written for Winnow; languages of the larger news webs. A word in the wrong list costs little: the lists give
shares, and no verdict hangs on one word.
"""

FUNCTION_WORDS = """
the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which
one you were her all she there would their we him been has when who will more no if out so said what up its about
into than them can only other new some could time these two may then do first any my now such like our over me
even most after also made did many before must through where much your way well should because how while those
der die das und in den von zu mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass
sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch
le la les de des du et en un une dans est que qui pour pas sur au avec ce il sont par plus ne se son ont mais
cette ses aux comme nous été leur elle ou fait être deux même ces entre sans
el los las del y que se por con para una su lo como más pero sus le ya fue este ha sí porque esta son entre está
cuando muy sin sobre ser tiene también me hasta hay donde han quien desde todo nos durante
o os as da do em para com não uma dos no na por mais foi ao ele das à seu sua ou quando muito nos já eu também só
pelo pela até isso ela entre depois sem mesmo aos seus quem nas esse eles
il lo gli di che è per un non con del alla si da sono dei nel come ma della più anche le ha al delle loro questo
een het van en dat niet zijn op te met voor aan er om hij ook als maar bij uit nog naar dan wordt door over heeft
och att det som på är av för med den till inte har om ett men var jag från vi så kan när år hade sig eller
på til er ikke av det med var jeg en et som har de vi å fra kan også ble etter ved men
w z na się nie do że jest to i a o jak za od po są ale co jego przez tym oraz dla być został był tego jej przed
která který že je se na v z s o k za po od do jako jsou nebo ale by byl jeho
в и на не что с по он как это из у за от о же к для но его она так они мы был было или бы при который то все
і в на не що з по він як це із у за від до та для але його вона так вони ми був було або при який
και το να του η της με για που την τον από δεν στο ο θα είναι τα τη στην σε οι ότι των ως έχει κατά μετά
bir ve bu da de için ile olarak çok daha olan gibi kadar sonra ama en her ne var o ki
في من على أن إلى عن التي الذي هذا هذه كان مع لا ما كما بعد قد بين أو كل هو هي
של את על לא הוא עם זה היא כי גם אל או יש מה כל אם
के में की है और से का को पर ने कि यह एक भी हैं लिए था हो तो
yang dan di itu dengan untuk dari dalam tidak ini pada akan ada juga oleh karena saya telah mereka
của và là có được cho trong không các với một người này để những đã khi từ
の は が を に で と た も し て い な 的 了 是 在 不 和 有 这 為 他 就 也
"""

CUES = """
share shares tweet tweets facebook twitter whatsapp instagram linkedin pinterest youtube telegram reddit email
subscribe subscription newsletter newsletters login log signin signup register cookie cookies privacy
policy terms copyright reserved rights © advertisement advertise advertising sponsored comments comment reply
follow menu sitemap rss related trending recommended skip icon
icons podcast podcasts disclaimer careers bookmark navigation toggle tags
filed posted updated published getty
teilen drucken abonnieren anmelden registrieren datenschutz impressum agb kommentare kommentar mehr werbung
anzeige startseite kontakt suche nutzungsbedingungen
partager imprimer abonnez connexion connecter inscription confidentialité mentions légales commentaires publicité
accueil recherche
compartir imprimir suscríbete suscribirse regístrate privacidad comentarios publicidad inicio buscar contacto
compartilhar assine entrar cadastre privacidade comentários publicidade
condividi stampa abbonati accedi registrati commenti pubblicità
delen inloggen abonneren reacties dela logga prenumerera
udostępnij drukuj zaloguj zarejestruj komentarze komentarz reklama regulamin prywatności polityka
поделиться распечатать подписаться войти регистрация комментарии комментарий реклама конфиденциальности
поиск контакты главная rss
κοινοποίηση εκτύπωση σύνδεση εγγραφή σχόλια σχόλιο διαφήμιση αρχική επικοινωνία αναζήτηση
"""

# A line each, for training: what sites say under, over and beside a text, in the words that most of them use.
FURNITURE = """
Like this story? Share it with a friend!
Did you like this article? Share it!
Enjoyed this story? Send it to a friend
Share this article with your friends
Share this story
If you like this, share it
Think your friends would be interested? Share this story!
Tell us what you think in the comments
Follow us on Facebook and Twitter
Follow us on Telegram for more news
Join us on WhatsApp
Join the conversation
Sign up for our newsletter
Sign up to our free daily newsletter
Subscribe to our newsletter
Get the best stories in your inbox every morning
Get our daily news by email
Never miss a story
Already a subscriber? Sign in
Sign in to your account
Subscribe to continue reading
This article is for subscribers only
You have read all your free articles this month
Please enable JavaScript to view the comments
We use cookies to improve your experience on this site
By continuing to use this site you agree to our use of cookies
Accept all cookies
Also on this site
Read also
Read more
Read next
You may also like
You might be interested in
More on this topic
More from this section
Related stories
Related articles
Recommended for you
Most read
Most popular
Latest news
Trending now
Leave a comment
Leave a reply
Show comments
Back to top
Skip to main content
Advertisement
Advertisement - story continues below
Story continues below this advertisement
Listen to this article
Print this page
Report an error
All rights reserved
Terms of use and privacy policy
Hat Ihnen der Artikel gefallen? Teilen Sie ihn!
Teilen Sie diesen Artikel mit Ihren Freunden
Lesen Sie auch
Mehr zum Thema
Newsletter abonnieren
Melden Sie sich für unseren Newsletter an
Wir verwenden Cookies
Alle Rechte vorbehalten
Cet article vous a plu ? Partagez-le !
Partager cet article
À lire aussi
Lire aussi
Sur le même sujet
Inscrivez-vous à notre newsletter
Nous utilisons des cookies
Tous droits réservés
¿Te ha gustado este artículo? ¡Compártelo!
Comparte esta noticia con tus amigos
Lea también
Noticias relacionadas
Suscríbete a nuestro boletín
Utilizamos cookies
Todos los derechos reservados
Ti è piaciuto questo articolo? Condividilo!
Leggi anche
Iscriviti alla newsletter
Gostou desta notícia? Compartilhe!
Leia também
Assine nossa newsletter
Lees ook
Deel dit artikel
Meld je aan voor de nieuwsbrief
Czytaj także
Podziel się z innymi
Zapisz się na newsletter
Wszelkie prawa zastrzeżone
Читайте также
Поделиться с друзьями
Понравилась статья? Поделитесь с друзьями!
Подпишитесь на нашу рассылку
Все права защищены
Διαβάστε επίσης
Κοινοποιήστε το άρθρο
Όλα τα δικαιώματα διατηρούνται
"""

MONTH_NAMES = """
january february march april may june july august september october november december
jan feb mar apr jun jul aug sep sept oct nov dec
januar februar märz mai juni juli oktober dezember
janvier février mars avril juin juillet août septembre octobre novembre décembre
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
janeiro fevereiro março maio junho julho setembro outubro novembro dezembro
gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου
"""

MONTHS = (
    MONTH_NAMES
    + """
monday tuesday wednesday thursday friday saturday sunday
mon tue wed thu fri sat sun am pm gmt utc est ago hours minutes
montag dienstag mittwoch donnerstag freitag samstag sonntag uhr
年 月 日
"""
)

# More names of months, for dates that are read out. They are apart: the model was trained without them.
MORE_MONTH_NAMES = """
jänner feber maart mei augustus januari februari augusti oktobra maj marts
tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta
marraskuuta joulukuuta
ledna února března dubna května června července srpna září října listopadu prosince
januára februára apríla mája júna júla septembra novembra decembra
siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga prosinca
január február március április május június július augusztus szeptember október november december
ianuarie februarie martie aprilie iunie iulie septembrie octombrie noiembrie decembrie
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
януари февруари март април май юни юли август септември октомври ноември декември
јануар фебруар мај јун јул септембар октобар новембар децембар δεκεμβρίου
يناير فبراير مارس أبريل ابريل مايو يونيو يوليو أغسطس اغسطس سبتمبر أكتوبر اكتوبر نوفمبر ديسمبر
ינואר בינואר פברואר בפברואר מרץ במרץ אפריל באפריל מאי במאי יוני ביוני יולי ביולי אוגוסט באוגוסט ספטמבר בספטמבר
אוקטובר באוקטובר נובמבר בנובמבר דצמבר בדצמבר
जनवरी फरवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर सितम्बर अक्टूबर अक्तूबर नवंबर नवम्बर दिसंबर दिसम्बर
มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม
januari februari maret juni juli agustus oktober desember
"""

DAY_NAMES = """
monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so
lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo
lunedì martedì mercoledì giovedì venerdì sabato domenica segunda terça quarta quinta sexta feira
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag måndag tisdag onsdag torsdag fredag lördag söndag
mandag tirsdag lørdag søndag poniedziałek wtorek środa czwartek piątek sobota niedziela
понедельник вторник среда четверг пятница суббота воскресенье понеділок вівторок середа п'ятниця субота неділя
δευτέρα τρίτη τετάρτη πέμπτη παρασκευή σάββατο κυριακή pazartesi salı çarşamba perşembe cuma cumartesi pazar
星期一 星期二 星期三 星期四 星期五 星期六 星期日 月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日
"""

# What stands before the date on which a page came out, and before the one on which it was changed.
PUBLISHED = """
published posted first created publiziert veröffentlichung publication released issued filed veröffentlicht erschienen
erstellt publié publiée paru publicado publicada publicação pubblicato pubblicata gepubliceerd geplaatst publicerad
publicerat publisert udgivet offentliggjort opublikowano dodano julkaistu publikováno vydáno megjelent publicat
yayınlanma yayınlandı опубликовано опубликована опубліковано публикувано објављено δημοσίευση δημοσιεύτηκε نشر פורסם
प्रकाशित เผยแพร่ diterbitkan đăng 发布 發布 发表 發表 公開 掲載 配信 入力 입력 등록
"""

UPDATED = """
updated modified edited changed revised update aktualisiert aktualisierung geändert bearbeitet stand jour modifié
modifiée actualizado actualizada modificado atualizado atualizada aggiornato aggiornata modifica bijgewerkt gewijzigd
uppdaterad uppdaterat ändrad oppdatert endret opdateret ændret aktualizacja zaktualizowano päivitetty muokattu
aktualizováno upraveno frissítve módosítva actualizat güncelleme güncellendi обновлено обновлена изменено оновлено
обновена ажурирано ενημέρωση ενημερώθηκε تحديث עודכן अपडेट อัปเดต diperbarui cập nhật 更新 修改 수정
"""

# Spans of time up to now: before the number, after it, and the days that need a time of day beside them.
SINCE = "vor|hace|hà|há|il y a|il y à|πριν από|πριν|منذ|לפני|před|pred|przed|för|for"
AGO = "ago|fa|geleden|sedan|siden|назад|тому|temu|önce|lalu|trước|atrás|sitten|पहले|преди|ที่แล้ว|ที่ผ่านมา"
UNITS = (
    "min|sec|seg|sek|stund|std|tag|woche|heure|jour|semaine|hora|día|dia|ώρ|λεπτ|ημ|ساع|دق|يوم|שע|דק|יום|ימ|ho|dn|go|ti"
)
TODAY = """
today yesterday heute gestern aujourd'hui hier hoy ayer hoje ontem oggi ieri vandaag gisteren idag igår dziś dzisiaj
wczoraj dnes včera сегодня вчера сьогодні вчора σήμερα χθες bugün dün 今天 昨天 今日 昨日 오늘 어제 اليوم أمس
"""

# What a byline begins with: a small word before a name, a phrase, or a calling with a colon.
BY = "by|von|par|por|di|av|af|door|przez|autor|του|της|oleh|bởi|โดย|بقلم|كتب|كتبت|מאת"
WRITTEN_BY = """
written by|reported by|posted by|published by|reviewed by|edited by|words by|story by|text by|article by|report by|
analysis by|opinion by|review by|interview by|column by|geschrieben von|ein beitrag von|ein gastbeitrag von|
verfasst von|écrit par|publié par|rédigé par|propos recueillis par|escrito por|publicado por|redactado por|scritto da|
a cura di|pubblicato da|geschreven door|skrevet av|skrevet af|skriven av|napisane przez|opracował|opracowała|γράφει ο|
γράφει η|yazan|ditulis oleh
"""
AUTHOR = """
by|author|authors|author(s)|writer|reporter|words|story|text|autor|autorin|autoren|autora|autores|autore|autori|auteur|
auteure|auteurs|texte|texto|testo|tekst|teksti|redaktor|redaktör|skribent|författare|forfatter|kirjoittaja|szerző|írta|
szöveg|автор|авторы|автори|текст|συντάκτης|κείμενο|yazar|penulis|tác giả|الكاتب|نویسنده|כותב|लेखक|ผู้เขียน|글
"""
# Verbs that give somebody's words: past and present, as they stand before a colon or after a comma.
SAID = """
said says say told tells wrote writes stated states added adds explained explains announced asked replied tweeted
posted according declared quoted recalled argued commented
sagte sagt sagten schrieb schreibt erklärte erklärt betonte teilte laut zufolge meinte fügte so
dit disait déclaré déclare écrit écrivait expliqué explique affirmé affirme ajouté selon estime raconte
dijo dice declaró declara escribió escribe afirmó afirma explicó explica añadió según señaló
disse diz declarou afirma afirmou escreveu escreve explicou acrescentou segundo
detto dice ha scritto scrive dichiarato dichiara spiegato spiega aggiunto secondo
zei zegt zeiden schreef schrijft aldus verklaarde volgens sade säger skrev skriver enligt sier sa sagde siger ifølge
powiedział powiedziała mówi napisał napisała dodał dodała według oświadczył řekl řekla napsal uvedl dodal podle
сказал сказала говорит заявил заявила написал написала сообщил сообщила отметил отметила добавил пишет
сказав сказала заявив заявила написав повідомив зазначив додав
είπε λέει δήλωσε έγραψε γράφει τόνισε ανέφερε πρόσθεσε σύμφωνα
söyledi dedi yazdı açıkladı belirtti قال قالت وقال أضاف كتب صرح אמר אמרה כתב כתבה הוסיף कहा बताया लिखा
说 表示 称 写道 指出 說 稱 寫道 と述べた と語った 말했다 밝혔다 กล่าว ระบุ berkata mengatakan nói cho biết viết
"""
# Small words that stand inside the names of people and papers.
NAME_WORDS = """
and und et y e i и й і og och en ja con mit avec with for für pour per para in aus at of à u ve & de da di du del della
der den des do dos das van von vom zu zum zur la le les el al bin ben ibn st the und ten ter af av
"""

# What opens the comments of a page, what stands in each of them, and what opens something else after them. A phrase
# each, between bars.
COMMENTS = """
comments|comment|commenting|responses|response|leave a reply|post a reply|discussion|join the conversation|
join the discussion|have your say|what do you think|your thoughts|thoughts on|kommentare|kommentar|leserkommentare|
leserkommentar|diskussion|beiträge|ihre meinung|commentaires|commentaire|réactions|réponses|vos réactions|comentarios|
comentario|respuestas|deja una respuesta|comentários|comentário|deixe um comentário|deixe uma resposta|commenti|
commento|lascia un commento|reacties|reactie|opmerkingen|kommentarer|kommentera|diskusjon|debat|komentarze|komentarz|
dyskusja|opinie|komentáře|komentář|diskuse|diskuze|komentáre|diskusia|komentari|komentara|hozzászólás|hozzászólások|
kommentek|comentarii|comentariu|kommentit|kommenttia|kommentoi|keskustelu|yorumlar|yorum|комментарии|комментариев|
комментария|комментарий|обсуждение|ответы|коментарі|коментарів|коментар|коментари|обговорення|σχόλια|σχόλιο|
تعليقات|التعليقات|تعليق|تعليقا|נظرات|תגובות|תגובה|टिप्पणियां|टिप्पणी|टिप्पणियाँ|ความคิดเห็น|bình luận|ý kiến|
komentar|tanggapan|コメント|みんなの意見|评论|評論|留言|回应|回應|讨论|討論|댓글|의견
"""
REPLY = """
reply|replies|antworten|antwort|répondre|responder|rispondi|reageer|reageren|beantwoorden|antwoorden|svara|svar|besvar|
odpowiedz|odpovědět|reagovat|odpovedať|odgovori|válasz|răspunde|vastaa|yanıtla|cevapla|ответить|відповісти|отговори|
одговори|απάντηση|απαντήστε|رد|الرد|הגב|השב|जवाब दें|ตอบกลับ|trả lời|balas|返信|返信する|回复|回覆|回應|답글|
quote|zitieren|zitat|citer|citar|cita|citeren|цитировать|цитата|permalink|report|report comment|melden|signaler|
denunciar|segnala|пожаловаться|通報|通報する|举报|檢舉|신고
"""
NOT_COMMENTS = """
related|more from|more stories|more news|more in|you may also|you might also|recommended|read next|up next|most read|
most popular|popular now|trending|latest news|latest stories|also on|weitere artikel|mehr zum thema|mehr aus|
das könnte sie|das könnte dich|meistgelesen|auch interessant|zum thema|à lire aussi|à lire également|lire aussi|
sur le même sujet|les plus lus|dans la même rubrique|te puede interesar|lo más leído|más noticias|más leídas|
noticias relacionadas|leia também|leia mais|mais lidas|veja também|leggi anche|articoli correlati|i più letti|più letti|
lees ook|meest gelezen|läs också|läs mer|mest läst|les også|mest lest|læs også|czytaj też|czytaj także|zobacz także|
zobacz też|najczęściej czytane|čtěte také|nejčtenější|olvasta már|citește și|lue myös|luetuimmat|ilgili haberler|
çok okunanlar|читайте также|по теме|самое читаемое|другие новости|читайте також|διαβάστε επίσης|δείτε επίσης|
اقرأ أيضا|קראו גם|यह भी पढ़ें|อ่านเพิ่มเติม|xem thêm|baca juga|関連記事|おすすめ|あわせて読みたい|ランキング|
相关阅读|相关新闻|相关推荐|热门|延伸閱讀|相關新聞|熱門|관련기사|많이 본
"""
# What a form for comments and the rules for them say, in sentences that nobody wrote as a comment.
COMMENT_FORMS = """
email address will not be published|e-mail address will not be published|email will not be published|
required fields are marked|save my name|next time i comment|notify me of|notify me when|must be logged in|
log in to comment|log in to reply|sign in to comment|login to comment|please log in|by commenting|community guidelines|
commenting rules|comment policy|comments are closed|comments are moderated|views expressed in|this site uses akismet|
already have a|at the bottom of the comment|more comments|replies by|
e-mail-adresse wird nicht veröffentlicht|erforderliche felder sind|meinen namen|bitte melden sie sich|
müssen sie angemeldet sein|du musst angemeldet sein|netiquette|nutzungsbedingungen|kommentarfunktion|
adresse e-mail ne sera pas publiée|champs obligatoires|enregistrer mon nom|connectez-vous pour|
correo electrónico no será|campos obligatorios|guarda mi nombre|inicia sesión para|endereço de e-mail não será|
campos obrigatórios|salvar meus dados|indirizzo email non sarà|campi obbligatori|salva il mio nome|
e-mailadres wordt niet|vereiste velden|mijn naam|адрес email не будет опубликован|обязательные поля|
сохранить моё имя|войдите чтобы|メールアドレスが公開されることはありません|が付いている欄は必須|ログインして|
电子邮箱地址不会被公开|必填项|登录后
"""
